import { explainFailure } from '../explain-failure.ts';
import type { Programs, RunOptions } from '../programs.ts';
import { openApi } from './api-proxy.ts';
import { parsePods, readinessOf, type Pod } from './pods.ts';
import { readinessReasons } from './readiness-reasons.ts';

/** The part of a cluster that a release lives in. Errors of all: TOOL_MISSING, CLUSTER_UNREACHABLE, _FORBIDDEN, _REFUSED. */
export interface Cluster {
  namespaceExists(): Promise<boolean>;
  createNamespace(): Promise<void>;
  /** Has the API server judge objects without writing them. */
  dryRun(manifest: string): Promise<void>;
  /** The pods of the release that serve, or are to. */
  pods(): Promise<Pod[]>;
  /** The metrics page of a pod; undefined when it gives none. */
  metricsPage(pod: Pod): Promise<string | undefined>;
  /** The last line that a container of the pod wrote, of the one before when that has ended; empty when there is none. */
  lastLogLine(pod: Pod): Promise<string>;
  /** The reasons that the pod gives at its readiness probe; empty when it gives none. */
  readinessReasons(pod: Pod): Promise<string>;
  /** What keeps pods away from nodes; empty when there is nothing, and where we may not look at nodes. */
  taints(): Promise<string>;
  /** Ends what was begun to look at it. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  release: string;
  namespace: string;
  metricsPort: number;
}

/** An API server that does not answer is not waited for longer. */
const PATIENCE = ['--request-timeout', '15s'];
const PATIENCE_MS = 20_000;

export function openCluster(programs: Programs, { release, namespace, metricsPort }: ClusterOptions): Cluster {
  const at = ['--namespace', namespace];
  const options: RunOptions = { timeoutMs: PATIENCE_MS };
  const api = openApi(programs);
  const inNamespace = `/api/v1/namespaces/${namespace}/pods`;
  const run = (args: readonly string[]) => programs.run('kubectl', [...args, ...PATIENCE], options);
  return {
    async namespaceExists() {
      const args = ['get', 'namespace', namespace, '--output', 'name'];
      const ended = await run(args);
      if (ended.status === 0) return true;
      if (ended.stderr.includes('(NotFound)')) return false;
      throw explainFailure('kubectl', args, ended);
    },
    async createNamespace() {
      await programs.ask('kubectl', ['create', 'namespace', namespace, ...PATIENCE], options);
    },
    async dryRun(manifest) {
      const how = ['--server-side', '--dry-run=server', '--force-conflicts', '--field-manager', 'helm'];
      await programs.ask('kubectl', ['apply', ...how, ...at, '--filename', '-'], { input: manifest });
    },
    async pods() {
      const selector = encodeURIComponent(`app.kubernetes.io/instance=${release}`);
      return parsePods(await api.ask(`${inNamespace}?labelSelector=${selector}`));
    },
    async metricsPage({ metadata }) {
      const { status, body } = await api.get(`${inNamespace}/${metadata.name}:${metricsPort}/proxy/metrics`);
      return status === 200 ? body : undefined;
    },
    async lastLogLine({ metadata, status }) {
      const isBetween = status.containerStatuses.some(({ state }) => state?.waiting !== undefined);
      const which = isBetween ? ['--previous'] : [];
      const { stdout } = await run(['logs', metadata.name, ...at, '--tail', '1', ...which]);
      return stdout.trim();
    },
    async readinessReasons(pod) {
      const { path, port } = readinessOf(pod) ?? {};
      if (path === undefined || port === undefined) return '';
      const { body } = await api.get(`${inNamespace}/${pod.metadata.name}:${port}/proxy${path}`);
      return readinessReasons(body);
    },
    async taints() {
      const { stdout } = await run(['get', 'nodes', '--output', 'jsonpath={.items[*].spec.taints[*].key}']);
      const keys = [...new Set(stdout.split(' '))].filter((key) => key !== '');
      if (keys.some((key) => key.endsWith('/disk-pressure'))) keys.push('the disk of a node is nearly full');
      return keys.join(', ');
    },
    close: () => api.close(),
  };
}
