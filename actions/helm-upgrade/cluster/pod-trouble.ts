import { isReady, type Pod } from './pods.ts';

/** Why a pod does not serve. */
export interface Trouble {
  pod: string;
  /** For people. */
  text: string;
  /** Waiting longer does not help. */
  isHopeless: boolean;
  /** What would say more: the last line of its log, the answer of its readiness probe, or the taints of the nodes. */
  ask?: 'log' | 'readiness' | 'taints';
}

/** After so many restarts it will not come up. */
const HOPELESS_RESTARTS = 2;

/** Why a pod is not ready, in plain words; undefined for one that is. */
export function troubleOf(pod: Pod): Trouble | undefined {
  if (isReady(pod)) return undefined;
  const trouble = notScheduled(pod) ?? evicted(pod) ?? notPulled(pod) ?? ended(pod) ?? notReady(pod);
  return trouble && { pod: pod.metadata.name, ...trouble };
}

/** Why a pod that is ready again was restarted. */
export function crashOf(pod: Pod): Trouble | undefined {
  const trouble = ended(pod);
  return trouble && { pod: pod.metadata.name, ...trouble };
}

type Found = Omit<Trouble, 'pod'> | undefined;

function notScheduled({ status }: Pod): Found {
  const condition = status.conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  if (condition === undefined) return undefined;
  // Which taints these are it says no more since Kubernetes 1.34.
  const ask = condition.message.includes('taint') ? ({ ask: 'taints' } as const) : {};
  return { text: `no node takes it: ${condition.message}`, isHopeless: false, ...ask };
}

function evicted({ status }: Pod): Found {
  if (status.reason !== 'Evicted') return undefined;
  return { text: `it was evicted: ${status.message}`, isHopeless: false };
}

function notPulled({ status, spec }: Pod): Found {
  for (const { name, state } of status.containerStatuses) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    if (!/^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError)$/.test(reason))
      continue;
    const image = spec.containers.find((container) => container.name === name)?.image ?? name;
    // Between two tries it says that it waits, and newer versions say what for.
    const cause = message.startsWith('Back-off') ? (/: ErrImagePull: (.*)$/s.exec(message)?.[1] ?? '') : message;
    const why = cause === '' ? '' : `: ${cause}`;
    const isHopeless = /not found|manifest unknown|unauthorized|denied|invalid reference/i.test(message);
    return { text: `the image ${image} cannot be pulled (${reason})${why}`, isHopeless };
  }
  return undefined;
}

function ended({ status, spec }: Pod): Found {
  for (const { name, state, lastState, restartCount } of status.containerStatuses) {
    const last = state?.terminated ?? lastState?.terminated;
    const waiting = state?.waiting?.reason ?? '';
    if (last !== undefined && (last.exitCode !== 0 || waiting === 'CrashLoopBackOff')) {
      const isHopeless = restartCount >= HOPELESS_RESTARTS;
      const often = restartCount > 0 ? `, ${restartCount + 1} times` : '';
      if (last.reason !== 'OOMKilled') {
        return { text: `its container ended with status ${last.exitCode}${often}`, isHopeless, ask: 'log' };
      }
      const limit = spec.containers.find((container) => container.name === name)?.resources?.limits?.memory;
      return {
        text: `it used more memory than its limit of ${limit ?? 'the node'} and was killed${often} (OOMKilled)`,
        isHopeless,
      };
    }
    if (waiting !== '' && waiting !== 'ContainerCreating' && waiting !== 'PodInitializing') {
      return { text: `its container does not start (${waiting}): ${state?.waiting?.message ?? ''}`, isHopeless: false };
    }
  }
  return undefined;
}

function notReady({ status }: Pod): Found {
  if (status.phase !== 'Running') return { text: 'its container is still being made', isHopeless: false };
  return { text: 'it runs, but is not ready', isHopeless: false, ask: 'readiness' };
}
