import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { homeAt, type Home } from '../../pipelines/adapters/home.ts';
import { fakeVersion } from '../support/fake-registry.ts';
import { runAction, startAction, type ActionResult, type RunningAction } from '../support/run-action.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

export interface ReleaseWorld {
  root: string;
  home: Home;
  namespace: string;
  /** The address of the release from outside. */
  url: string;
  /** Registers a model file (a path, or a name in tests/models) as the next version of the shop and makes it an alias. */
  register(model: string, alias?: 'champion' | 'challenger'): Promise<string>;
  /** Builds and pushes the image of the code as it stands and the champion; answers the action's outputs. */
  build(inputs?: Record<string, string>): Promise<ActionResult>;
  /** The same image with files added or its entrypoint changed, pushed; answers `name@sha256:…`. */
  variant(image: string, name: string, change: ImageChange): Promise<string>;
  /** Releases an image by the action. */
  release(inputs: Record<string, string>, env?: Record<string, string>): Promise<ActionResult>;
  startRelease(inputs: Record<string, string>): Promise<RunningAction>;
  helm(...args: string[]): Promise<string>;
  kubectl(...args: string[]): Promise<string>;
  /** What one prediction is answered with. */
  served(): Promise<string | undefined>;
  close: () => Promise<void>;
}

export interface ImageChange {
  /** By path in the image. */
  files?: Record<string, string>;
  entrypoint?: string[];
  env?: Record<string, string>;
}

/** The body of a prediction for the shop's models of tests. */
export const BODY = JSON.stringify({ row: { orders: 1, tier: 'basic' } });

/**
 * A namespace on the cluster, a state folder with models, and what releases into it. Return its `close` from `beforeAll`.
 * Values are for tests: quick to be ready, quick to end.
 */
export async function releaseWorld(name: string, nodePort: number, values: object = {}): Promise<ReleaseWorld> {
  const root = await mkdtemp(path.join(tmpdir(), 'cleaver-test-'));
  const namespace = `cleaver-${name}`;
  const home = homeAt(path.join(root, 'state'));
  const registry = openFileRegistry(home.registry, home.work);
  const repository = `${process.env['REGISTRY'] ?? ''}/cleaver-${name}`;
  const valuesFile = path.join(root, 'values.yaml');
  await writeFile(
    valuesFile,
    stringify({
      replicas: 2,
      settings: { CLEAVER_LINGER_MS: 4000 },
      rollout: { minReadySeconds: 1 },
      service: { type: 'NodePort', nodePort },
      ...values,
    }),
  );
  const kubectl = async (...args: string[]) => (await run('kubectl', ['-n', namespace, ...args], OUTPUT)).stdout;
  const helm = async (...args: string[]) => (await run('helm', ['-n', namespace, ...args], OUTPUT)).stdout;
  const remove = () => run('kubectl', ['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s']);
  await remove();
  const url = `http://127.0.0.1:${nodePort}`;
  const releaseRun = (inputs: Record<string, string>, env = {}) => ({
    inputs: {
      ...{ release: 'shop', namespace, chart: path.join(ROOT, 'helm', 'cleaver'), values: valuesFile },
      ...{ 'plain-http': 'true', 'timeout-seconds': '90', 'bake-seconds': '5', 'look-seconds': '1' },
      ...inputs,
    },
    env: { GITHUB_WORKSPACE: ROOT, ...env },
  });
  return {
    ...{ root, home, namespace, url, helm, kubectl },
    async register(model, alias = 'champion') {
      const file = path.isAbsolute(model) ? model : path.join(ROOT, 'tests', 'models', `${model}.onnx`);
      const description = fakeVersion('shop', '', '');
      const { version } = await registry.register(file, { ...description, runId: crypto.randomUUID() });
      await registry.setAlias('shop', alias, version);
      return version;
    },
    build: (inputs = {}) =>
      runAction(root, 'build-image', {
        inputs: { image: repository, 'plain-http': 'true', ...inputs },
        env: { GITHUB_WORKSPACE: ROOT },
      }),
    async variant(image, tag, { files = {}, entrypoint, env = {} }) {
      const buildah = async (...args: string[]) => (await run('buildah', args, OUTPUT)).stdout.trim();
      const container = await buildah('from', '--tls-verify=false', image);
      for (const [to, text] of Object.entries(files)) {
        const file = path.join(root, path.basename(to));
        await writeFile(file, text, { mode: 0o644 });
        await buildah('copy', container, file, to);
      }
      if (entrypoint) await buildah('config', '--entrypoint', JSON.stringify(entrypoint), container);
      for (const [key, value] of Object.entries(env)) await buildah('config', '--env', `${key}=${value}`, container);
      const target = `${repository}:${tag}`;
      const digest = path.join(root, `${tag}.digest`);
      await buildah('commit', '--rm', '--quiet', container, target);
      await buildah('push', '--tls-verify=false', '--quiet', '--digestfile', digest, target);
      await buildah('rmi', target);
      return `${repository}@${(await readFile(digest, 'utf8')).trim()}`;
    },
    release: (inputs, env) => runAction(root, 'helm-upgrade', releaseRun(inputs, env)),
    startRelease: (inputs) => startAction(root, 'helm-upgrade', releaseRun(inputs)),
    async served() {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/predict/shop`, { method: 'POST', headers, body: BODY }).catch(
        () => undefined,
      );
      return ((await response?.json()) as { version?: string } | undefined)?.version;
    },
    async close() {
      await remove();
      await rm(root, { recursive: true, force: true });
    },
  };
}

const OUTPUT = { maxBuffer: 16 * 1024 * 1024 };
