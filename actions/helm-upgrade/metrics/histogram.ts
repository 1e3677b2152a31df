import type { Sample } from './samples.ts';

/** Counts between rising bounds; the last bound is infinite. */
export interface Histogram {
  bounds: number[];
  /** As many as there are bounds: how many values lie above the bound before and up to this one. */
  counts: number[];
  total: number;
}

/** The histogram of a name, over all series whose labels are as asked. Series must have the same buckets. */
export function histogramOf(
  samples: readonly Sample[],
  name: string,
  fits: (labels: Record<string, string>) => boolean = () => true,
): Histogram {
  const upTo = new Map<number, number>();
  for (const { name: series, labels, value } of samples) {
    if (series !== `${name}_bucket` || !fits(labels)) continue;
    const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
    upTo.set(bound, (upTo.get(bound) ?? 0) + value);
  }
  const bounds = [...upTo.keys()].sort((one, other) => one - other);
  const cumulative = bounds.map((bound) => upTo.get(bound) ?? 0);
  // Read while they are counted, a bucket may be behind the one below it.
  const counts = cumulative.map((count, at) => Math.max(0, count - (cumulative[at - 1] ?? 0)));
  return { bounds, counts, total: counts.reduce((sum, count) => sum + count, 0) };
}

/**
 * A quantile, linear within its bucket; in the last bucket its lower bound, as there is nothing finer. Undefined without
 * values. Source: Prometheus' histogram_quantile.
 */
export function quantile({ bounds, counts, total }: Histogram, share: number): number | undefined {
  if (total === 0) return undefined;
  let below = 0;
  for (const [at, count] of counts.entries()) {
    const from = bounds[at - 1] ?? 0;
    const to = bounds[at] ?? Infinity;
    if (below + count >= share * total && count > 0) {
      return Number.isFinite(to) ? from + (to - from) * ((share * total - below) / count) : from;
    }
    below += count;
  }
  return undefined;
}

/** How many values surely lie above a limit: those of the buckets that begin at it or above. */
export function countAbove({ bounds, counts }: Histogram, limit: number): number {
  return counts.reduce((sum, count, at) => ((bounds[at - 1] ?? 0) >= limit ? sum + count : sum), 0);
}
