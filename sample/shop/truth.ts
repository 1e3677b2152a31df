import { type Demand, HOT_ODDS, OFFER_DAYS, OFFER_ODDS, probabilityOf } from './demand.ts';
import { INTEREST } from './interest.ts';

/** What the shop knows at the end of a day; days are counted from the shop's first. */
export interface Evening {
  day: number;
  /** How many customers there are. */
  known: number;
  hot: Uint8Array;
  /** The day of the newest offer, or {@link NEVER}. */
  lastOffer: Int32Array;
}

export const NEVER = -1_000_000;

/**
 * The exact chance of at least one order within the `days` days after an evening, per customer. The forward recursion
 * of a hidden Markov chain: the chance to have come so far without an order, apart for hot and cold, day by day.
 * `coming[k]` are the indexes of those who get an offer on day k + 1 after.
 */
export function orderWithin(
  days: number,
  demand: Demand,
  evening: Evening,
  coming: readonly Iterable<number>[],
): Float64Array {
  const hot = Float64Array.from(evening.hot.subarray(0, evening.known));
  const cold = hot.map((share) => 1 - share);
  const lastOffer = evening.lastOffer.slice(0, evening.known);
  for (let ahead = 1; ahead <= days; ahead++) {
    const day = evening.day + ahead;
    for (const index of coming[ahead - 1] ?? []) lastOffer[index] = day;
    passDay(demand, day, lastOffer, cold, hot);
  }
  return hot.map((share, index) => 1 - share - (cold[index] ?? 0));
}

/** Takes the chances without an order one day on, in place. */
function passDay(demand: Demand, day: number, lastOffer: Int32Array, cold: Float64Array, hot: Float64Array): void {
  const base = demand.base(day);
  const weekday = demand.weekday(day);
  for (let index = 0; index < hot.length; index++) {
    const wasCold = cold[index] ?? 0;
    const wasHot = hot[index] ?? 0;
    const offered = day - (lastOffer[index] ?? NEVER) < OFFER_DAYS;
    const odds = (base[index] ?? 0) * weekday * (offered ? OFFER_ODDS : 1);
    const isHot = wasCold * INTEREST.warmsUp + wasHot * (1 - INTEREST.coolsDown);
    cold[index] = (wasCold + wasHot - isHot) * (1 - probabilityOf(odds));
    hot[index] = isHot * (1 - probabilityOf(odds * HOT_ODDS));
  }
}
