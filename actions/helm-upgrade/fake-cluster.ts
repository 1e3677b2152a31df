import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import {
  callsIn,
  folderStore,
  historyIn,
  playApi,
  playProgram,
  type Lease,
  type Scene,
  type Store,
} from './fake-programs.ts';
import { explainFailure } from './explain-failure.ts';
import type { Programs } from './programs.ts';

export interface FakeCluster {
  /** Every call so far, as one line each. */
  calls(): string[];
  lastRevision(): { revision: number; status: string; description?: string } | undefined;
  /** Who has the lock; empty when nobody has. */
  holder(): string;
  /** Puts a lease there, of somebody else. */
  lease(holder: string, seconds: number): void;
}

export const MANIFEST = { before: manifestOf(2, 'a'), after: manifestOf(2, 'b') };

/** A cluster in which revision 3 of the release `shop` runs, with the programs that speak with it. */
export function fakeCluster(given: Scene = {}): FakeCluster & { programs: Programs } {
  const memory = new Map<string, unknown>();
  // As JSON, so that what is written is not changed later.
  const store: Store = {
    read: (name) => memory.get(name),
    write: (name, value) => memory.set(name, structuredClone(value)),
  };
  const scene = sceneOf(given);
  const programs: Programs = {
    run: (program, args, options) => playProgram(scene, store, [program, ...args], options),
    async ask(program, args, options) {
      const ended = await programs.run(program, args, options);
      if (ended.status !== 0) throw explainFailure(program, args, ended);
      return ended.stdout;
    },
    async start(_program, args) {
      const server = await playApi(scene, store, args.at(-1) ?? '');
      return {
        async stop() {
          server.closeAllConnections();
          await promisify(server.close.bind(server))();
        },
      };
    },
  };
  return { ...clusterOf(scene, store), programs };
}

/** The same with the programs as processes on a PATH. */
export async function fakeClusterOnPath(
  given: Scene = {},
): Promise<FakeCluster & { root: string; env: Record<string, string> }> {
  const root = await temporaryFolder();
  const [state, bin] = [path.join(root, 'cluster'), path.join(root, 'bin')];
  await Promise.all([mkdir(state), mkdir(bin)]);
  const program = path.join(import.meta.dirname, 'fake-programs.ts');
  for (const name of ['helm', 'kubectl', 'cosign']) {
    await writeFile(path.join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${program}' ${name} "$@"\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  const scene = sceneOf(given);
  const store = folderStore(state);
  store.write('scene', scene);
  return { ...clusterOf(scene, store), root, env: { PATH: bin, FAKE_CLUSTER: state } };
}

function clusterOf(scene: Scene, store: Store): FakeCluster {
  return {
    calls: () => callsIn(store),
    lastRevision: () => historyIn(scene, store).at(-1),
    holder: () => (store.read('lease') as Lease | undefined)?.spec.holderIdentity ?? '',
    lease(holderIdentity, leaseDurationSeconds) {
      store.write('lease', { metadata: { resourceVersion: '7' }, spec: { holderIdentity, leaseDurationSeconds } });
    },
  };
}

function sceneOf(given: Scene): Scene {
  return {
    history: [{ revision: 3, status: 'deployed', description: 'Upgrade complete' }],
    manifest: MANIFEST.before,
    planned: MANIFEST.after,
    pods: { former: [podOf('old')], new: [podOf('new')] },
    metrics: { old: pageOf({ requests: 1000 }), new: pageOf({ requests: 100 }) },
    ...given,
  };
}

/** A pod as the API gives it: ready, unless something else is said. */
export function podOf(
  name: string,
  given: { ready?: boolean; container?: object; status?: object; owner?: string } = {},
) {
  const { ready = true, container = {}, status = {}, owner = 'ReplicaSet' } = given;
  return {
    metadata: { name, uid: `uid-${name}`, ownerReferences: [{ kind: owner }] },
    spec: {
      containers: [
        {
          name: 'service',
          image: 'registry.example/shop:1',
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
          resources: { limits: { memory: '256Mi' } },
        },
      ],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'service', restartCount: 0, state: { running: {} }, ...container }],
      ...status,
    },
  };
}

/** A metrics page of the service. */
export function pageOf(given: {
  requests?: number;
  errors?: number;
  /** How many of the requests took longer than a second. */
  slow?: number;
  /** Rows by tenth of the score, by version of the model `shop`. */
  scores?: Record<string, number[]>;
  canaryFailures?: number;
  memoryMb?: number;
}): string {
  const { requests = 0, errors = 0, slow = 0, scores = {}, canaryFailures = 0, memoryMb = 100 } = given;
  const route = 'method="POST",route="/predict/:model"';
  const lines = [
    '# HELP cleaver_http_requests_total Requests answered, by route pattern and status.',
    '# TYPE cleaver_http_requests_total counter',
    `cleaver_http_requests_total{${route},status="200"} ${requests - errors}`,
    `cleaver_http_requests_total{${route},status="503"} ${errors}`,
    'cleaver_http_requests_total{method="GET",route="/readyz",status="503"} 500',
    `cleaver_http_request_duration_seconds_bucket{${route},le="0.05"} ${requests - slow}`,
    `cleaver_http_request_duration_seconds_bucket{${route},le="1"} ${requests - slow}`,
    `cleaver_http_request_duration_seconds_bucket{${route},le="+Inf"} ${requests}`,
    'cleaver_model_info{model="shop",version="v1",as_of="2026-01-01",sha256="00"} 1',
    `cleaver_canary_failures_total{model="shop"} ${canaryFailures}`,
    `process_resident_memory_bytes ${memoryMb * 2 ** 20}`,
  ];
  const { v2 } = scores;
  if (v2 !== undefined) {
    const tries = v2.reduce((sum, rows) => sum + rows, 0) + canaryFailures;
    lines.push(
      'cleaver_challenger_info{model="shop",version="v2"} 1',
      `cleaver_canary_requests_total{model="shop"} ${tries}`,
    );
  }
  for (const [version, rows] of Object.entries(scores)) {
    let upTo = 0;
    for (const [at, count] of rows.entries()) {
      upTo += count;
      const le = at === rows.length - 1 ? '+Inf' : ((at + 1) / rows.length).toFixed(2);
      lines.push(`cleaver_scores_bucket{model="shop",version="${version}",le="${le}"} ${upTo}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function manifestOf(replicas: number, digest: string): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: ${replicas}
  template:
    spec:
      containers:
        - name: service
          image: registry.example/shop@sha256:${digest.repeat(64)}
`;
}
