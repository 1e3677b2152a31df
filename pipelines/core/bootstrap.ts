import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { rowsByScore, type Scores } from './metrics.ts';

/** A figure with its percentile interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface BootstrapOptions {
  /** 0 or 1 per row. */
  labels: Uint8Array;
  /** Whom each row is about: ids 0, 1, 2, … without gaps. All rows of an entity are drawn together. */
  entities: Int32Array;
  /** Level of the interval, e.g. 0.95. */
  confidence: number;
  /** How many times the entities are drawn again, e.g. 400. */
  resamples: number;
  /** A whole number; the same seed gives the same interval. */
  seed: number;
}

/** What two models gain over one another, and each alone. */
export interface PairedIntervals {
  /** AUC(challenger) − AUC(champion). */
  difference: Interval;
  champion: Interval;
  challenger: Interval;
}

/**
 * The AUC of two models and its difference with their percentile bootstrap intervals; each resample draws entities with
 * replacement and is the same for both models. Undefined when all labels are
 * alike or there is one entity; with fewer than about 20 entities the interval is too narrow.
 * Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13; for clusters Field & Welsh 2007.
 */
export function pairedAucInterval(
  options: BootstrapOptions & { champion: Scores; challenger: Scores },
): PairedIntervals | undefined {
  const drawn = drawAucs(options, [options.champion, options.challenger]);
  if (drawn === undefined) return undefined;
  const [champion, challenger] = drawn as [DrawnAuc, DrawnAuc];
  const difference = {
    value: challenger.value - champion.value,
    resampled: challenger.resampled.map((auc, at) => auc - (champion.resampled[at] ?? 0)),
  };
  const intervalOf = (auc: DrawnAuc) => percentiles(auc, options.confidence);
  return {
    difference: intervalOf(difference),
    champion: intervalOf(champion),
    challenger: intervalOf(challenger),
  };
}

/** AUC of one model with its interval, drawn as in {@link pairedAucInterval}. Undefined as there. */
export function aucInterval(options: BootstrapOptions & { scores: Scores }): Interval | undefined {
  const [auc] = drawAucs(options, [options.scores]) ?? [];
  return auc && percentiles(auc, options.confidence);
}

/** A figure on all rows, and on each resample. */
interface DrawnAuc {
  value: number;
  resampled: Float64Array;
}

/** The AUC of each model on the same resamples. A resample whose labels are all alike is left out. */
function drawAucs(options: BootstrapOptions, models: readonly Scores[]): DrawnAuc[] | undefined {
  const plans = models.map((scores) => planAuc(options, scores));
  const entityCount = options.entities.reduce((most, entity) => Math.max(most, entity), -1) + 1;
  // A byte is enough: that one of many entities is drawn more than 255 times has a chance below 1e-500.
  const weights = new Uint8Array(entityCount).fill(1);
  const aucs = () => plans.map((plan) => weightedAuc(plan, weights));
  const values = aucs();
  if (values.some(Number.isNaN) || entityCount < 2) return undefined;
  const random = xoroshiro128plus(options.seed);
  const drawn = plans.map(() => new Float64Array(options.resamples));
  let kept = 0;
  for (let resample = 0; resample < options.resamples; resample += 1) {
    weights.fill(0);
    for (let draw = 0; draw < entityCount; draw += 1) {
      const entity = uniformInt(random, 0, entityCount - 1);
      weights[entity] = (weights[entity] ?? 0) + 1;
    }
    const resampled = aucs();
    if (resampled.some(Number.isNaN)) continue;
    resampled.forEach((auc, model) => drawn[model]?.set([auc], kept));
    kept += 1;
  }
  if (kept === 0) return undefined;
  return drawn.map((resampled, model) => ({
    value: values[model] ?? Number.NaN,
    resampled: resampled.subarray(0, kept),
  }));
}

function percentiles({ value, resampled }: DrawnAuc, confidence: number): Interval {
  const sorted = resampled.toSorted();
  const tail = (1 - confidence) / 2;
  return { value, low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
}

/** What stays the same over all resamples, so that none of them has to sort. */
interface AucPlan {
  /** Entities of the negative and of the positive rows, each by rising score. */
  negatives: Int32Array;
  positives: Int32Array;
  /** For each positive row: how many negative rows score less, and how many less or the same. */
  below: Int32Array;
  belowOrTied: Int32Array;
  /** Room for the running sum of the negatives' weights. */
  weightUpTo: Float64Array;
}

function planAuc({ labels, entities }: BootstrapOptions, scores: Scores): AucPlan {
  if (labels.length !== scores.length || labels.length !== entities.length) {
    throw new RangeError(`${labels.length} labels, ${scores.length} scores, ${entities.length} entities`);
  }
  const order = rowsByScore(scores);
  const positives = order.filter((row) => labels[row] === 1);
  const negatives = order.filter((row) => labels[row] !== 1);
  const below = new Int32Array(positives.length);
  const belowOrTied = new Int32Array(positives.length);
  const scoreOf = (row: number | undefined) => scores[row ?? -1] ?? Infinity;
  for (let at = 0, less = 0, upTo = 0; at < positives.length; at += 1) {
    const score = scoreOf(positives[at]);
    while (less < negatives.length && scoreOf(negatives[less]) < score) less += 1;
    while (upTo < negatives.length && scoreOf(negatives[upTo]) <= score) upTo += 1;
    below[at] = less;
    belowOrTied[at] = upTo;
  }
  return {
    negatives: Int32Array.from(negatives, (row) => entities[row] ?? 0),
    positives: Int32Array.from(positives, (row) => entities[row] ?? 0),
    below,
    belowOrTied,
    weightUpTo: new Float64Array(negatives.length + 1),
  };
}

/** AUC in which each row counts as often as its entity was drawn; NaN when a class was not drawn at all. */
function weightedAuc({ negatives, positives, below, belowOrTied, weightUpTo }: AucPlan, weights: Uint8Array): number {
  let negativeWeight = 0;
  for (let at = 0; at < negatives.length; at += 1) {
    negativeWeight += weights[negatives[at] ?? 0] ?? 0;
    weightUpTo[at + 1] = negativeWeight;
  }
  let positiveWeight = 0;
  let ranked = 0;
  for (let at = 0; at < positives.length; at += 1) {
    const weight = weights[positives[at] ?? 0] ?? 0;
    positiveWeight += weight;
    ranked += weight * ((weightUpTo[below[at] ?? 0] ?? 0) + (weightUpTo[belowOrTied[at] ?? 0] ?? 0));
  }
  return ranked / (2 * positiveWeight * negativeWeight);
}

/** Quantile by linear interpolation between the neighbours in rank (type 7 of Hyndman & Fan 1996, NumPy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const lower = sorted[Math.floor(rank)] ?? Number.NaN;
  const upper = sorted[Math.ceil(rank)] ?? Number.NaN;
  return lower + (upper - lower) * (rank - Math.floor(rank));
}
