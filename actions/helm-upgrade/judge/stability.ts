import type { Histogram } from '../metrics/histogram.ts';

/** How far two distributions of scores lie apart. */
export interface Shift {
  /** Population stability index: 0 is alike, above 0.25 is usually called a major shift. */
  index: number;
  /** What chance alone stays below, but for a probability of `risk`. */
  chance: number;
}

/** Fewer rows of the former in a bin would make the index depend on a handful of them. */
const MIN_SHARE = 0.05;
/** Added to each count, so that an empty bin is no infinite shift (Jeffreys' prior). */
const PRIOR = 0.5;

/**
 * The shift of the rows in `now` against those in `former`, which have the same bounds. Bins are merged until each holds
 * {@link MIN_SHARE} of the former's rows. Without a shift the index is distributed as (1/n + 1/m) · χ² with a degree less
 * than there are bins (Yurdakul 2018, Statistical properties of population stability index); χ² is bounded by Laurent &
 * Massart 2000, Annals of Statistics 28, lemma 1. Rows of one customer asked for again and again are not independent, and
 * make the bound too small.
 */
export function shiftOf(former: Histogram, now: Histogram, risk: number): Shift {
  const bins = mergedBins(former, now);
  const prior = PRIOR * bins.length;
  let index = 0;
  for (const bin of bins) {
    const expected = (bin.former + PRIOR) / (former.total + prior);
    const actual = (bin.now + PRIOR) / (now.total + prior);
    index += (actual - expected) * Math.log(actual / expected);
  }
  const degrees = bins.length - 1;
  const surprise = -Math.log(risk);
  const quantile = degrees + 2 * Math.sqrt(degrees * surprise) + 2 * surprise;
  return { index, chance: degrees === 0 ? 0 : quantile * (1 / former.total + 1 / now.total) };
}

function mergedBins(former: Histogram, now: Histogram): { former: number; now: number }[] {
  const bins: { former: number; now: number }[] = [];
  let open = { former: 0, now: 0 };
  for (const [at, count] of former.counts.entries()) {
    open = { former: open.former + count, now: open.now + (now.counts[at] ?? 0) };
    if (open.former < MIN_SHARE * former.total) continue;
    bins.push(open);
    open = { former: 0, now: 0 };
  }
  // What is left at the upper end is too small for a bin of its own, unless rows went there.
  if (open.former + open.now > 0) bins.push(open);
  return bins;
}
