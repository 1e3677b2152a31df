import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { pause } from './pause.ts';
import type { Ended } from './programs.ts';

/** What helm, kubectl and cosign find and do in a test. */
export interface Scene {
  helmVersion?: string;
  history?: Revision[];
  /** What runs, and what is to run. */
  manifest?: string;
  planned?: string;
  upgrade?: { ms?: number; status?: number; stderr?: string };
  /** Before the upgrade, after it, and after an uninstall. */
  pods?: { former?: object[]; new?: object[]; none?: object[] };
  /** Metrics pages by pod; of a list one after the other, the last one stays. */
  metrics?: Record<string, string | string[]>;
  log?: string;
  /** Of the nodes, as they are printed. */
  taints?: string;
  /** What /readyz answers while a pod is not ready. */
  reasons?: string[];
  /** Commands that fail, by how they begin. */
  fails?: Record<string, Failure>;
}

interface Failure {
  status?: number;
  stderr: string;
  ms?: number;
  times?: number;
}

interface Revision {
  revision: number;
  status: string;
  description?: string;
}

/** Where the fakes keep what they remember: in memory, or in a folder where they are processes. */
export interface Store {
  read(name: string): unknown;
  write(name: string, value: unknown): void;
}

export function folderStore(folder: string): Store {
  const at = (name: string) => path.join(folder, name);
  return {
    read: (name) => (existsSync(at(name)) ? (JSON.parse(readFileSync(at(name), 'utf8')) as unknown) : undefined),
    write(name, value) {
      writeFileSync(at(`${name}.${process.pid}`), JSON.stringify(value));
      renameSync(at(`${name}.${process.pid}`), at(name));
    },
  };
}

/** Plays one call of helm, kubectl or cosign. The messages are those of the real ones. */
export async function playProgram(
  scene: Scene,
  store: Store,
  [program = '', ...args]: readonly string[],
  { input = '', signal }: { input?: string; signal?: AbortSignal | undefined } = {},
): Promise<Ended> {
  const call = [program, ...args].join(' ');
  const planned = await plannedFailure(scene, store, call, signal);
  if (planned !== undefined) return { status: planned.status ?? 1, stdout: '', stderr: planned.stderr };
  if (program === 'helm') return await playHelm(scene, store, args, signal);
  return program === 'kubectl' ? playKubectl(scene, store, args, input) : good();
}

async function plannedFailure(
  scene: Scene,
  store: Store,
  call: string,
  signal?: AbortSignal,
): Promise<Failure | undefined> {
  store.write('calls', [...callsIn(store), call]);
  const [start = '', planned] = Object.entries(scene.fails ?? {}).find(([begin]) => call.startsWith(begin)) ?? [];
  const times = (store.read(`failed-${start}`) as number | undefined) ?? 0;
  if (planned === undefined || times >= (planned.times ?? Infinity)) return undefined;
  store.write(`failed-${start}`, times + 1);
  await pause(planned.ms ?? 0, signal);
  return planned;
}

export function callsIn(store: Store): string[] {
  return (store.read('calls') as string[] | undefined) ?? [];
}

export function historyIn(scene: Scene, store: Store): Revision[] {
  return (store.read('history') as Revision[] | undefined) ?? scene.history ?? [];
}

async function playHelm(scene: Scene, store: Store, args: readonly string[], signal?: AbortSignal): Promise<Ended> {
  const history = historyIn(scene, store);
  const push = (status: string, description: string) => {
    history.push({ revision: (history.at(-1)?.revision ?? 0) + 1, status, description });
    store.write('history', history);
  };
  const orNone = (text: string) => (history.length === 0 ? failed('Error: release: not found\n') : good(text));
  switch (args[0]) {
    case 'version':
      return good(scene.helmVersion ?? 'v4.0.1');
    case 'history':
      return orNone(JSON.stringify(history));
    case 'get':
      return orNone(scene.manifest ?? '');
    case 'upgrade': {
      if (args.includes('--dry-run=server')) return good(JSON.stringify({ manifest: scene.planned }));
      const former = history.findLast(({ status }) => status === 'deployed')?.revision;
      const { ms = 0, status = 0, stderr = '' } = scene.upgrade ?? {};
      push('pending-upgrade', 'Preparing upgrade');
      store.write('stage', 'new');
      await pause(ms, signal);
      if (signal?.aborted) return { status: null, stdout: '', stderr: '' };
      Object.assign(history.at(-1) ?? {}, { status: status === 0 ? 'deployed' : 'failed' });
      store.write('history', status !== 0 && former === undefined ? [] : history);
      if (status !== 0 && former !== undefined) push('deployed', `Rollback to ${former}`);
      return { status, stdout: '', stderr };
    }
    case 'rollback':
      push('deployed', `Rollback to ${args[2] ?? ''}`);
      store.write('stage', 'former');
      return good();
    case 'uninstall':
      store.write('history', []);
      store.write('stage', 'none');
      return good();
    default:
      return good();
  }
}

function playKubectl(scene: Scene, store: Store, args: readonly string[], input: string): Ended {
  const [verb = '', what = ''] = args;
  if (verb === 'logs') return good(scene.log);
  if (verb === 'get' && what === 'nodes') return good(scene.taints);
  if (verb === 'replace' || (verb === 'create' && what !== 'namespace')) {
    return writeLease(store, verb, JSON.parse(input) as Lease);
  }
  if (verb !== 'get') return good();
  if (what === 'lease') return good(JSON.stringify(store.read('lease')));
  return good();
}

/** Plays `kubectl proxy`: the API server on a socket. Its failures are planned by `GET` and how the address begins. */
export async function playApi(scene: Scene, store: Store, socket: string): Promise<Server> {
  const server = createServer((request, response) => {
    void answerApi(scene, store, request.url ?? '').then(({ status, body }) => response.writeHead(status).end(body));
  });
  await once(server.listen(socket), 'listening');
  return server;
}

async function answerApi(scene: Scene, store: Store, url: string): Promise<{ status: number; body: string }> {
  const planned = await plannedFailure(scene, store, `GET ${url}`);
  if (planned !== undefined) return { status: planned.status ?? 500, body: planned.stderr };
  const [, pod, port, page] = /\/pods\/([^:]+):(\d+)\/proxy\/(.+)$/.exec(url) ?? [];
  if (pod === undefined || port === undefined) {
    const stage = (store.read('stage') as 'former' | 'new' | 'none' | undefined) ?? 'former';
    return { status: 200, body: JSON.stringify({ items: scene.pods?.[stage] ?? [] }) };
  }
  if (page === 'readyz') return { status: 503, body: JSON.stringify({ ready: false, reasons: scene.reasons ?? [] }) };
  const pages = [scene.metrics?.[pod] ?? []].flat();
  const asked = (store.read(`asked-${pod}`) as number | undefined) ?? 0;
  store.write(`asked-${pod}`, asked + 1);
  const body = pages[Math.min(asked, pages.length - 1)];
  return body === undefined ? { status: 503, body: 'error trying to reach service' } : { status: 200, body };
}

export interface Lease {
  metadata: { resourceVersion?: string };
  spec: { holderIdentity: string };
}

function writeLease(store: Store, verb: string, given: Lease): Ended {
  const found = store.read('lease') as Lease | undefined;
  const name = 'leases.coordination.k8s.io "shop-release"';
  if (verb === 'create' && found !== undefined) {
    return failed(`Error from server (AlreadyExists): error when creating "STDIN": ${name} already exists\n`);
  }
  if (verb === 'replace' && given.metadata.resourceVersion !== found?.metadata.resourceVersion) {
    return failed(
      `Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on ${name}: the object has been modified; please apply your changes to the latest version and try again\n`,
    );
  }
  const resourceVersion = String(Number(found?.metadata.resourceVersion ?? 0) + 1);
  const next = { ...given, metadata: { ...given.metadata, resourceVersion } };
  store.write('lease', next);
  return good(JSON.stringify(next));
}

function good(stdout = ''): Ended {
  return { status: 0, stdout, stderr: '' };
}

function failed(stderr: string): Ended {
  return { status: 1, stdout: '', stderr };
}

// Started as a program: `node fake-programs.ts helm …`, with FAKE_CLUSTER naming the folder.
if (import.meta.main) {
  const store = folderStore(process.env['FAKE_CLUSTER'] ?? '');
  const args = process.argv.slice(2);
  const scene = store.read('scene') as Scene;
  if (args[1] === 'proxy') {
    await playApi(scene, store, args.at(-1) ?? '');
    process.stdout.write(`Starting to serve on ${args.at(-1)}\n`);
  } else {
    // What is not given is not waited for: standard input may stay open.
    const input =
      ['create', 'replace'].includes(args[1] ?? '') && args.includes('--filename') ? readFileSync(0, 'utf8') : '';
    const { status, stdout, stderr } = await playProgram(scene, store, args, { input });
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = status ?? 1;
  }
}
