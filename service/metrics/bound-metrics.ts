import type { Counter, Histogram } from 'prom-client';

/** What prom-client keeps for one set of labels. Its types do not tell of it. */
interface Kept {
  value: number;
  sum: number;
  count: number;
  /** By upper bound; only the one that a value falls into is counted. */
  bucketValues: Record<string, number>;
}

type Labels = Readonly<Record<string, string | number>>;

/**
 * Counts under these labels. prom-client itself looks labels up by a text that it makes of them on every call, also
 * after its own `labels()`: that costs more than a microsecond a request.
 */
export function boundCounter(counter: Counter, labels: Labels): (by: number) => void {
  counter.inc(labels, 0);
  const kept = lastOf(counter);
  return (by) => {
    kept.value += by;
  };
}

/** Observes under these labels; see {@link boundCounter}. */
export function boundHistogram(
  histogram: Histogram,
  labels: Labels,
  buckets: readonly number[],
): (value: number) => void {
  histogram.zero(labels);
  const kept = lastOf(histogram);
  // Made once: to write a number as a text costs more than all the rest.
  const names = buckets.map(String);
  return (value) => {
    kept.sum += value;
    kept.count += 1;
    let at = 0;
    while (at < buckets.length && value > (buckets[at] ?? 0)) at += 1;
    const name = names[at];
    if (name !== undefined) kept.bucketValues[name] = (kept.bucketValues[name] ?? 0) + 1;
  };
}

/** Calls `make` once for each key. */
export function madeOnce<Made>(): (key: string, make: () => Made) => Made {
  const all = new Map<string, Made>();
  return (key, make) => {
    let made = all.get(key);
    if (made === undefined) all.set(key, (made = make()));
    return made;
  };
}

/** What the metric keeps for the labels that were used last, which are new to it. */
function lastOf(metric: Counter | Histogram): Kept {
  const { hashMap } = metric as unknown as { hashMap: Record<string, Kept> };
  const kept = Object.values(hashMap).at(-1);
  if (kept === undefined) throw new Error('prom-client keeps its values elsewhere than in version 15.');
  return kept;
}
