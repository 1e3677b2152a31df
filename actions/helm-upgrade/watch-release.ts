import { messageOf } from '../../pipelines/core/errors.ts';
import type { Cluster } from './cluster/kubectl.ts';
import { crashOf, troubleOf, type Trouble } from './cluster/pod-trouble.ts';
import { isReady, type Pod } from './cluster/pods.ts';
import { judgePods } from './judge/judge-pods.ts';
import { judgeRelease, type Budgets } from './judge/judge-release.ts';
import { podRecords } from './judge/pod-records.ts';
import { figuresOf, type ServiceFigures } from './judge/service-figures.ts';
import type { ReadMetrics } from './metrics/read-metrics.ts';
import { addSamples, growthSince, sumOf, type Sample } from './metrics/samples.ts';
import { pause } from './pause.ts';

export interface WatchOptions {
  cluster: Cluster;
  readMetrics: ReadMetrics;
  budgets: Budgets;
  /** Between two looks. */
  lookMs: number;
  /** The probability of a false alarm at one question of one look. */
  risk: number;
  /** The pods cannot be seen for so long: then the release cannot be judged. */
  blindMs?: number;
  onLook: (text: string) => void;
}

/** Looks at a release again and again, from before it is rolled out until it has proved itself. */
export interface Watch {
  /** Aborted as soon as it is surely worse than the budgets, or will never come up. */
  bad: AbortSignal;
  /** Why, for people; empty when it is not. */
  reasons(): string[];
  /** Why pods do not, or did not, come up. */
  troubles(): string[];
  /** Everything since the beginning. */
  figures(): ServiceFigures;
  /** From now on all pods count, and must stay ready. */
  rolledOut(): void;
  stop(): Promise<void>;
}

const BLIND_MS = 60_000;

/** Notes how the former release does, then watches its successor. */
export async function watchRelease(options: WatchOptions): Promise<Watch> {
  const { cluster, readMetrics, budgets, lookMs, risk, blindMs = BLIND_MS, onLook } = options;
  const formerPods = await cluster.pods();
  const formerPages = await readMetrics(formerPods);
  const former = formerPages.size === 0 ? undefined : figuresOf(addSamples([...formerPages.values()]));
  const formerUids = new Set(formerPods.map(({ metadata }) => metadata.uid));
  const [bad, stopped] = [new AbortController(), new AbortController()];
  const pages = new Map<string, Sample[]>();
  const records = podRecords();
  const troubles = new Map<string, string>();
  let isRolledOut = false;
  let reasons: string[] = [];
  let seenAt = performance.now();

  const figures = () => figuresOf(addSamples([...pages.values()]));
  const look = async () => {
    const pods = await cluster.pods();
    const fresh = pods.filter(({ metadata }) => !formerUids.has(metadata.uid));
    // A release that changes no pod has none of its own.
    const watched = fresh.length === 0 && isRolledOut ? pods : fresh;
    const read = await readMetrics(watched.filter(isReady));
    for (const [uid, page] of read) pages.set(uid, growthSince(formerPages.get(uid) ?? [], page));
    let isHopeless = false;
    for (const pod of watched) {
      const { name, uid } = pod.metadata;
      const trouble = troubleOf(pod) ?? (records.wasRestarted(pod) ? crashOf(pod) : undefined);
      const text = trouble === undefined ? '' : await detailed(cluster, pod, trouble);
      if (text === '') troubles.delete(name);
      // On its way out a pod says less than before.
      else if (troubles.get(name)?.startsWith(text) !== true) troubles.set(name, text);
      isHopeless ||= trouble?.isHopeless === true && !isRolledOut;
      const memoryBytes = sumOf(read.get(uid) ?? [], 'process_resident_memory_bytes');
      records.note(pod, { trouble: text, memoryBytes });
    }
    seenAt = performance.now();
    const found = [
      ...judgeRelease({ former, current: figures(), budgets, risk }),
      ...(isRolledOut ? judgePods(records.of(watched)) : []),
      ...(isHopeless ? sentences(troubles) : []),
    ];
    onLook(lineOf(watched, figures()));
    if (found.length > 0) decide(found);
  };
  const decide = (found: string[]) => {
    reasons = found;
    bad.abort();
    stopped.abort();
  };
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      try {
        await look();
      } catch (error) {
        onLook(`The pods cannot be seen: ${messageOf(error)}`);
        if (performance.now() - seenAt > blindMs) decide([`the pods could not be seen: ${messageOf(error)}`]);
      }
      await pause(lookMs, stopped.signal);
    }
  })();
  return {
    bad: bad.signal,
    reasons: () => reasons,
    troubles: () => sentences(troubles),
    figures,
    rolledOut() {
      isRolledOut = true;
      records.rolledOut();
    },
    async stop() {
      stopped.abort();
      await looking;
    },
  };
}

async function detailed(cluster: Cluster, pod: Pod, { ask, text }: Trouble): Promise<string> {
  if (ask === undefined) return text;
  const more = await {
    log: () => cluster.lastLogLine(pod),
    readiness: () => cluster.readinessReasons(pod),
    taints: () => cluster.taints(),
  }[ask]();
  return more === '' ? text : `${text}: ${more}`;
}

function sentences(troubles: ReadonlyMap<string, string>): string[] {
  return [...troubles].map(([pod, text]) => `pod ${pod}: ${text}`);
}

function lineOf(pods: readonly Pod[], { requests, errors }: ServiceFigures): string {
  return `${pods.filter(isReady).length} of ${pods.length} new pods are ready, ${requests} requests, ${errors} of them failed`;
}
