/** What was seen of a pod of the new release, from look to look. */
export interface PodRecord {
  name: string;
  /** It has been ready once. */
  wasReady: boolean;
  /** Looks in a row at which it was not, after that. */
  notReadyLooks: number;
  /** Since the release was rolled out. */
  restarts: number;
  /** Why it is not ready or was restarted, for people. */
  trouble: string;
  /** At the first look, and the last two. */
  memory: { first: number; former: number; last: number };
  memoryLimit: number | undefined;
}

/** One look may fall into a moment. */
const NOT_READY_LOOKS = 3;
const NEAR_LIMIT = 0.9;

/** What is wrong with the pods of a release that was rolled out, each as a sentence for people. */
export function judgePods(records: readonly PodRecord[]): string[] {
  return records.flatMap((record) => {
    const { name, restarts, notReadyLooks, trouble, memory, memoryLimit = Infinity } = record;
    const why = trouble === '' ? '' : `: ${trouble}`;
    if (restarts > 0) return [`pod ${name} was restarted ${restarts} ${restarts === 1 ? 'time' : 'times'}${why}`];
    if (notReadyLooks >= NOT_READY_LOOKS) return [`pod ${name} was ready and is not any more${why}`];
    const isNear = Math.min(memory.former, memory.last) > NEAR_LIMIT * memoryLimit;
    // A service that fills its memory from the start and stays there leaks nothing.
    if (!isNear || memory.last <= memory.first * 1.1) return [];
    const share = Math.round((memory.last / memoryLimit) * 100);
    return [
      `pod ${name} is at ${share} % of its memory limit of ${megabytes(memoryLimit)}, from ${megabytes(memory.first)} at first`,
    ];
  });
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
