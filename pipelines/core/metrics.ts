/** A model's scores, one per row; log loss, Brier score and calibration read them as probabilities. */
export type Scores = Float32Array | Float64Array;

/** How good a model is on a set of rows. */
export interface Figures {
  rows: number;
  /** Rows whose label is 1. */
  positives: number;
  /** Undefined when all labels are alike. */
  auc?: number | undefined;
  /** In nats per row. */
  logLoss: number;
  brier: number;
  /** Expected calibration error, see {@link calibration}. */
  calibrationError: number;
}

/** Rows of neighbouring scores: what the model said on average and what came true. */
interface CalibrationBin {
  predicted: number;
  actual: number;
  rows: number;
}

/** Scores are clipped this far from 0 and 1 before the log; float32 knows nothing finer near 1. */
export const LOG_LOSS_EPSILON = 1e-7;

/** All figures of one model at once. Labels are 0 or 1; without rows, log loss and the rest are NaN. */
export function figuresOf(labels: Uint8Array, scores: Scores): Figures {
  return {
    rows: labels.length,
    positives: countPositives(labels),
    auc: auc(labels, scores),
    logLoss: logLoss(labels, scores),
    brier: brier(labels, scores),
    calibrationError: calibration(labels, scores).error,
  };
}

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half (midranks).
 * Undefined when all labels are alike. Scores must not be NaN.
 */
export function auc(labels: Uint8Array, scores: Scores): number | undefined {
  requireOneScorePerLabel(labels, scores);
  const positives = countPositives(labels);
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  let ranked = 0;
  let negativesBelow = 0;
  for (const { from, to, order } of tieGroups(scores)) {
    let tiedPositives = 0;
    for (let at = from; at < to; at += 1) tiedPositives += labels[order[at] ?? 0] ?? 0;
    const tiedNegatives = to - from - tiedPositives;
    ranked += tiedPositives * (negativesBelow + tiedNegatives / 2);
    negativesBelow += tiedNegatives;
  }
  return ranked / (positives * negatives);
}

/** Mean negative log-likelihood in nats, scores clipped to [ε, 1 − ε] with ε = {@link LOG_LOSS_EPSILON}. */
export function logLoss(labels: Uint8Array, scores: Scores): number {
  requireOneScorePerLabel(labels, scores);
  let sum = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const score = Math.min(Math.max(scores[row] ?? 0, LOG_LOSS_EPSILON), 1 - LOG_LOSS_EPSILON);
    sum -= labels[row] === 1 ? Math.log(score) : Math.log1p(-score);
  }
  return sum / labels.length;
}

/** Mean squared distance of score and label. */
export function brier(labels: Uint8Array, scores: Scores): number {
  requireOneScorePerLabel(labels, scores);
  let sum = 0;
  for (let row = 0; row < labels.length; row += 1) sum += ((scores[row] ?? 0) - (labels[row] ?? 0)) ** 2;
  return sum / labels.length;
}

/**
 * Predicted against actual in `bins` bins of about equally many rows, by rising score. Rows of one score stay in one
 * bin, so many ties give fewer bins. `error` is the expected calibration error: the mean of |predicted − actual| over
 * the bins, weighted by their rows.
 */
export function calibration(labels: Uint8Array, scores: Scores, bins = 10): { bins: CalibrationBin[]; error: number } {
  requireOneScorePerLabel(labels, scores);
  const found: CalibrationBin[] = [];
  let open = { predicted: 0, actual: 0, rows: 0 };
  for (const { from, to, order } of tieGroups(scores)) {
    for (let at = from; at < to; at += 1) {
      const row = order[at] ?? 0;
      open.predicted += scores[row] ?? 0;
      open.actual += labels[row] ?? 0;
    }
    open.rows += to - from;
    if (Math.floor((to * bins) / labels.length) > Math.floor(((to - open.rows) * bins) / labels.length)) {
      found.push({ predicted: open.predicted / open.rows, actual: open.actual / open.rows, rows: open.rows });
      open = { predicted: 0, actual: 0, rows: 0 };
    }
  }
  const apart = found.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.actual), 0);
  return { bins: found, error: apart / labels.length };
}

/** Row numbers by rising score; rows of one score keep their order. */
export function rowsByScore(scores: Scores): Uint32Array {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row);
  return order.sort((one, other) => (scores[one] ?? 0) - (scores[other] ?? 0));
}

/** How many labels are 1. */
function countPositives(labels: Uint8Array): number {
  let positives = 0;
  for (const label of labels) positives += label;
  return positives;
}

/** Runs `[from, to)` of rows with one score, within the rows ordered by score. */
function* tieGroups(scores: Scores): Generator<{ from: number; to: number; order: Uint32Array }> {
  const order = rowsByScore(scores);
  for (let from = 0, to = 0; from < order.length; from = to) {
    const score = scores[order[from] ?? 0];
    do to += 1;
    while (to < order.length && scores[order[to] ?? 0] === score);
    yield { from, to, order };
  }
}

function requireOneScorePerLabel(labels: Uint8Array, scores: Scores): void {
  if (labels.length !== scores.length) throw new RangeError(`${labels.length} labels, but ${scores.length} scores`);
}
