import path from 'node:path';
import { bundle } from '../../actions/build-image/bundle.ts';
import { serverFlags } from '../../pipelines/cli/server-flags.ts';
import { OUR_PATHS, type Protocol } from './bodies.ts';
import { onServerCore } from './cores.ts';
import type { Command } from './launch.ts';
import type { BenchModel } from './model.ts';
import { installPeer, peerFolder } from './python-peer.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
/** What our server gives Node on its one core; the one that scores nothing gets the same. */
const FLAGS = serverFlags(1);

/** A server in one set-up, as it is measured. */
export interface Testee {
  /** As `--only` names it. */
  name: string;
  /** As the tables name it. */
  title: string;
  protocol: Protocol;
  path: string;
  /** Done once, before any measurement; returns the folder of its programs, empty where it needs none. */
  install: () => Promise<string>;
  command: (model: BenchModel, programs: string) => (ports: readonly [number, number, number]) => Command;
}

/** Ours as the image runs it, with the settings of `env` beside the defaults. */
export function ours(name: string, title: string, protocol: 'rows' | 'v2', env: Record<string, string> = {}): Testee {
  return {
    name,
    title,
    protocol,
    path: OUR_PATHS[protocol],
    install: bundleOnce,
    command:
      ({ home }, programs) =>
      ([port]) =>
        pinned(process.execPath, [...FLAGS, path.join(programs, 'cli.js'), 'serve', '--port', String(port)], {
          CLEAVER_HOME: home.root,
          ...env,
        }),
  };
}

let bundled: Promise<string> | undefined;

async function bundleOnce(): Promise<string> {
  const folder = path.join(ROOT, 'bundle');
  bundled ??= bundle(ROOT, folder).then(() => folder);
  return await bundled;
}

/** Our server, what it could be at most, and its peers, each in the set-up that its documentation gives for production. */
export const SERVERS: readonly Testee[] = [
  ours('ours', 'Cleaver, rows', 'rows'),
  ours('ours-v2', 'Cleaver, V2', 'v2'),
  {
    name: 'noop',
    title: 'hono that scores nothing, rows',
    protocol: 'rows',
    path: OUR_PATHS.rows,
    install: async () => await Promise.resolve(''),
    command:
      () =>
      ([port]) =>
        pinned(process.execPath, [...FLAGS, path.join(import.meta.dirname, 'peers', 'noop.ts')], {
          PORT: String(port),
        }),
  },
  fastApi('fastapi', 'FastAPI, rows', '/predict'),
  fastApi('fastapi-threads', 'FastAPI on its pool of threads, rows', '/predict-in-threads'),
  {
    name: 'mlserver',
    title: 'MLServer, V2',
    protocol: 'v2',
    path: OUR_PATHS.v2,
    install: async () => await installPeer('mlserver'),
    command: python(
      (programs) => [path.join(programs, 'mlserver'), 'start', peerFolder('mlserver')],
      ([http, grpc, metrics]) => ({
        MLSERVER_HOST: '127.0.0.1',
        MLSERVER_HTTP_PORT: String(http),
        MLSERVER_GRPC_PORT: String(grpc),
        MLSERVER_METRICS_PORT: String(metrics),
        // On one core a worker beside the server halves what it answers.
        MLSERVER_PARALLEL_WORKERS: '0',
        // Also what turns its access log off.
        MLSERVER_DEBUG: 'false',
      }),
    ),
  },
  {
    name: 'kserve',
    title: 'KServe, V2',
    protocol: 'v2',
    path: OUR_PATHS.v2,
    install: async () => await installPeer('kserve'),
    command: python((programs, [port]) => [
      path.join(programs, 'python'),
      ...[path.join(peerFolder('kserve'), 'server.py'), '--http_port', String(port), '--workers', '1'],
      ...['--enable_grpc', 'false', '--enable_latency_logging', 'false'],
      // Its access log cannot be turned off otherwise.
      ...['--log_config_file', path.join(peerFolder('kserve'), 'log-config.json')],
    ]),
  },
  {
    name: 'bentoml',
    title: 'BentoML, adaptive batching',
    protocol: 'bentoml',
    path: '/predict',
    install: async () => await installPeer('bentoml'),
    command: python(
      (programs, [port]) => [
        path.join(programs, 'bentoml'),
        ...['serve', 'service:Bench', '--working-dir', peerFolder('bentoml'), '--host', '127.0.0.1'],
        ...['--port', String(port)],
      ],
      () => ({ BENTOML_DO_NOT_TRACK: 'True', BENTOML_HOME: 'bentoml' }),
    ),
  },
];

/** Ours with one setting changed, to tell what a feature costs: all that is on by default is on in `ours`. */
export const VARIANTS: readonly Testee[] = [
  ours('no-record', 'without the record', 'rows', { CLEAVER_RECORD: 'off' }),
  ours('no-log', 'without the log', 'rows', { CLEAVER_LOG_LEVEL: 'silent' }),
  ours('record-values', 'with values in the record', 'rows', { CLEAVER_RECORD_FEATURES: 'values' }),
  ours('record-always', 'with the record on disk before the answer', 'rows', { CLEAVER_RECORD: 'always' }),
  ours('log-all', 'with every request in the log', 'rows', { CLEAVER_LOG_REQUESTS: '1' }),
];

function fastApi(name: string, title: string, address: string): Testee {
  return {
    ...{ name, title, protocol: 'rows', path: address },
    install: async () => await installPeer('fastapi'),
    command: python((programs, [port]) => [
      path.join(programs, 'uvicorn'),
      ...['app:app', '--app-dir', peerFolder('fastapi'), '--host', '127.0.0.1', '--port', String(port)],
      ...['--workers', '1', '--loop', 'uvloop', '--http', 'httptools', '--no-access-log'],
    ]),
  };
}

type Ports = readonly [number, number, number];

function python(
  words: (programs: string, ports: Ports) => string[],
  env: (ports: Ports) => Record<string, string> = () => ({}),
): Testee['command'] {
  return ({ modelFile }, programs) =>
    (ports) => {
      const [program = '', ...args] = words(programs, ports);
      return pinned(program, args, {
        BENCH_MODEL_FILE: modelFile,
        PATH: `${programs}${path.delimiter}${process.env['PATH'] ?? ''}`,
        PYTHONDONTWRITEBYTECODE: '1',
        ...env(ports),
      });
    };
}

function pinned(program: string, args: readonly string[], env: Record<string, string>): Command {
  const [pinner, words] = onServerCore(program, args);
  return { program: pinner, args: words, env: { NODE_ENV: 'production', ...env } };
}
