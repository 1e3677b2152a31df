import { addDays, daysBetween, type Day } from './days.ts';

interface NewsInput {
  /** The newest complete day. */
  asOf: Day;
  /** The newest complete day at the last training; absent when there was none. */
  lastTrainedAsOf?: Day | undefined;
  /** A batch of news is this many complete days. */
  everyDays: number;
  /** Drift that lasts, and the newest complete day when it was first known (see `findDrift`). */
  drift?: { since: Day } | undefined;
}

/** `reason` is for people. */
export type News = { retrain: false; reason: string; batch?: undefined; newsDay?: undefined } | Batch;

/** News to train on. The same news has the same name and day on whatever later day one asks. */
export interface Batch {
  retrain: true;
  reason: string;
  batch: string;
  /** The day in the batch's name. */
  newsDay: Day;
}

/**
 * Whether there is news to train on since the last training: a batch of complete days, or drift first known after it.
 * Drift known on or before the day of the last training waits for the next batch. When both are there, the later one
 * names the news. A model that was never trained has news with each new day, until it is.
 */
export function decideRetraining({ asOf, lastTrainedAsOf, everyDays, drift }: NewsInput): News {
  if (lastTrainedAsOf === undefined) {
    return newsOf('first', asOf, 'The model was never trained');
  }
  const newDays = Math.max(0, daysBetween(lastTrainedAsOf, asOf));
  const completeOn = addDays(lastTrainedAsOf, newDays - (newDays % everyDays));
  const isNewDrift = drift !== undefined && drift.since > lastTrainedAsOf;
  if (isNewDrift && drift.since >= completeOn) {
    return newsOf('drift', drift.since, `Drift, noticed on ${drift.since}`);
  }
  if (newDays >= everyDays) {
    const reason = `${newDays} new days since the training of ${lastTrainedAsOf}, a batch is ${everyDays}`;
    return newsOf('days', completeOn, reason);
  }
  const waiting = drift === undefined || isNewDrift ? '' : `; drift of ${drift.since} was already trained on`;
  return { retrain: false, reason: `${newDays} of ${everyDays} new days for a batch${waiting}` };
}

function newsOf(kind: 'first' | 'drift' | 'days', newsDay: Day, reason: string): Batch {
  return { retrain: true, reason, batch: `${kind}-${newsDay}`, newsDay };
}
