import { isReady, memoryLimitOf, restartsOf, type Pod } from '../cluster/pods.ts';
import type { PodRecord } from './judge-pods.ts';

/** What was seen of pods, by their uid, over many looks. */
export interface PodRecords {
  note(pod: Pod, seen: { trouble: string; memoryBytes: number }): void;
  /** The pod was restarted since the release was rolled out, and it is not noted yet. */
  wasRestarted(pod: Pod): boolean;
  of(pods: readonly Pod[]): PodRecord[];
  /** Restarts from before do not count, and later ones do. */
  rolledOut(): void;
}

export function podRecords(): PodRecords {
  const records = new Map<string, PodRecord>();
  const restartsBefore = new Map<string, number>();
  let isRolledOut = false;
  const newRestarts = (pod: Pod) => restartsOf(pod) - (restartsBefore.get(pod.metadata.uid) ?? 0);
  return {
    note(pod, { trouble, memoryBytes }) {
      const { uid, name } = pod.metadata;
      if (!isRolledOut) restartsBefore.set(uid, restartsOf(pod));
      const { wasReady = false, notReadyLooks = 0, memory, ...former } = records.get(uid) ?? { trouble: '' };
      const isUp = isReady(pod);
      const last = memoryBytes === 0 ? (memory?.last ?? 0) : memoryBytes;
      records.set(uid, {
        name,
        wasReady: wasReady || isUp,
        notReadyLooks: isUp || !wasReady ? 0 : notReadyLooks + 1,
        restarts: newRestarts(pod),
        trouble: trouble === '' ? former.trouble : trouble,
        memory: {
          first: memory === undefined || memory.first === 0 ? last : memory.first,
          former: memory?.last ?? 0,
          last,
        },
        memoryLimit: memoryLimitOf(pod),
      });
    },
    wasRestarted: (pod) => isRolledOut && newRestarts(pod) > (records.get(pod.metadata.uid)?.restarts ?? 0),
    of: (pods) => pods.flatMap(({ metadata }) => records.get(metadata.uid) ?? []),
    rolledOut() {
      isRolledOut = true;
    },
  };
}
