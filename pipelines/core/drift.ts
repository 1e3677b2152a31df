import { addDays, type Day } from './days.ts';
import type { DayOutcome } from './report.ts';

interface DriftInput {
  /** Days with mature labels, oldest first. */
  days: readonly DayOutcome[];
  /** The version to watch; days of others do not count. */
  version: string;
  /** Its figures at promotion. */
  reference: { auc: number };
  /** How many days after an as-of day its outcomes are known. */
  maturityDays: number;
}

interface Drift {
  drifted: boolean;
  /** The newest complete day when it was first known; stays the same for as long as the drift lasts. */
  since?: Day | undefined;
  /** The as-of day whose outcomes first showed it: `maturityDays` before `since`. */
  day?: Day | undefined;
  /** Pooled over the last days; undefined before there are enough. */
  auc?: number | undefined;
  /** For people. */
  reason: string;
}

/** A full week, so that weekdays even out. */
const POOLED_DAYS = 7;
/** One odd day, or two, are no drift. */
const MIN_DAYS = 3;
/** A smaller fall of the AUC is not worth a retraining out of turn. */
export const MIN_FALL = 0.02;
/** In standard errors; above the usual 2, because the question is put anew every day. */
const MIN_STANDARD_ERRORS = 2.5;

/**
 * Whether a champion's AUC, pooled over its last {@link POOLED_DAYS} mature days, lies below its AUC at promotion by
 * more than {@link MIN_FALL} and by more than chance explains.
 *
 * Neighbouring days share their customers and most of their labels' horizon, so they are far from independent. The test
 * is therefore conservative: the pooled AUC counts as no more exact than that of one mean day, and so does the AUC at
 * promotion. A slow or small fall is seen late or not at all; the periodic retraining is there for it.
 */
export function findDrift({ days, version, reference, maturityDays }: DriftInput): Drift {
  const own = days.filter((day) => day.version === version && day.auc !== undefined);
  if (own.length < MIN_DAYS) {
    return { drifted: false, reason: `${own.length} mature days of ${version}; drift is judged from ${MIN_DAYS} on` };
  }
  const newest = own.length;
  const { auc, limit } = pool(own, newest, reference.auc);
  let first = newest;
  while (first > MIN_DAYS && fell(own, first - 1, reference.auc)) first -= 1;
  const drifted = fell(own, newest, reference.auc);
  const day = drifted ? own[first - 1]?.day : undefined;
  const change = reference.auc - auc;
  const figures = `AUC ${auc.toFixed(3)} over the last ${Math.min(newest, POOLED_DAYS)} mature days, ${reference.auc.toFixed(3)} at promotion`;
  return {
    drifted,
    since: day && addDays(day, maturityDays),
    day,
    auc,
    reason: `${figures}: ${drifted ? '' : 'not '}lower by more than ${limit.toFixed(3)} (is ${change.toFixed(3)})`,
  };
}

/**
 * Standard error of an AUC found on so many positive and negative independent rows.
 * Source: Hanley & McNeil 1982, Radiology 143:29–36, equation 1 with Q1 = A/(2 − A) and Q2 = 2A²/(1 + A).
 */
export function aucStandardError(auc: number, positives: number, negatives: number): number {
  const byPositives = (positives - 1) * (auc / (2 - auc) - auc ** 2);
  const byNegatives = (negatives - 1) * ((2 * auc ** 2) / (1 + auc) - auc ** 2);
  return Math.sqrt((auc * (1 - auc) + byPositives + byNegatives) / (positives * negatives));
}

function fell(days: readonly DayOutcome[], end: number, reference: number): boolean {
  const { auc, limit } = pool(days, end, reference);
  return reference - auc > limit;
}

/** The pooled AUC of the days before index `end`, and the fall that is still no drift. */
function pool(days: readonly DayOutcome[], end: number, reference: number): { auc: number; limit: number } {
  const pooled = days.slice(Math.max(0, end - POOLED_DAYS), end);
  let weights = 0;
  let weighted = 0;
  let positives = 0;
  let negatives = 0;
  for (const day of pooled) {
    const dayPositives = Math.round(day.actual * day.rows);
    const dayNegatives = day.rows - dayPositives;
    // The exactness of a day's AUC goes with the harmonic mean of its classes.
    const weight = (dayPositives * dayNegatives) / day.rows;
    weights += weight;
    weighted += weight * (day.auc ?? 0);
    positives += dayPositives / pooled.length;
    negatives += dayNegatives / pooled.length;
  }
  const auc = weighted / weights;
  const standardError = Math.hypot(
    aucStandardError(auc, positives, negatives),
    aucStandardError(reference, positives, negatives),
  );
  return { auc, limit: Math.max(MIN_FALL, MIN_STANDARD_ERRORS * standardError) };
}
