import type { Chance } from './chance.ts';

/**
 * A customer's interest is hot (1) or cold (0) and changes by itself, whatever the customer does: a Markov chain with
 * one step per day. It drives visits and orders and is hidden; visits give it away.
 */
export const INTEREST = {
  /** Chance that a cold customer is hot the next day. */
  warmsUp: 0.01,
  /** Chance that a hot customer is cold the next day. */
  coolsDown: 0.042,
} as const;

/** The share of hot customers that the chain settles at. */
const HOT_SHARE = INTEREST.warmsUp / (INTEREST.warmsUp + INTEREST.coolsDown);

/** Tomorrow's interest from today's; `uniform` is the day's chance. */
export function nextInterest(hot: number, uniform: number): number {
  return hot === 1 ? (uniform < INTEREST.coolsDown ? 0 : 1) : uniform < INTEREST.warmsUp ? 1 : 0;
}

/** The interest of the first day's customers, from the settled chain; those who join later come hot. */
export function firstInterest(joinedDay: Int32Array, chance: Chance): Uint8Array {
  return Uint8Array.from(joinedDay, (day) => (chance() < HOT_SHARE || day > 0 ? 1 : 0));
}
