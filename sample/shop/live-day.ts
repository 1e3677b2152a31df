import { dayNumber } from '../../pipelines/core/days.ts';
import type { Chance } from './chance.ts';
import { addOrder, addVisits, visitsOf } from './customer-day.ts';
import type { DayRows } from './day-rows.ts';
import { type Demand, HOT_ODDS, OFFER_DAYS, OFFER_ODDS, probabilityOf, weekdayOf } from './demand.ts';
import { nextInterest } from './interest.ts';
import { type Evening, NEVER } from './truth.ts';

/** Chance on the two kinds of questions that a day asks. */
export interface DayChance {
  /**
   * Whose interest turns, who orders and who visits. Each customer takes three draws a day, whoever gets an offer: two
   * shops of one seed that differ in offers alone differ in what the offers did alone.
   */
  draws: Chance;
  /** Times and amounts. */
  details: Chance;
}

/** Lets every customer live the day that `state` stands at: interest first, then order and visits, added to `rows`. */
export function liveDay(rows: DayRows, demand: Demand, state: Evening, { draws, details }: DayChance): void {
  const { day, hot, lastOffer } = state;
  const base = demand.base(day);
  const calendar = demand.weekday(day);
  const weekday = weekdayOf(dayNumber(rows.day));
  for (let index = 0; index < state.known; index++) {
    const isHot = nextInterest(hot[index] ?? 0, draws());
    hot[index] = isHot;
    const offered = day - (lastOffer[index] ?? NEVER) < OFFER_DAYS;
    const odds = (base[index] ?? 0) * calendar * (offered ? OFFER_ODDS : 1) * (isHot === 1 ? HOT_ODDS : 1);
    const orders = draws() < probabilityOf(odds);
    const visits = visitsOf(isHot, weekday, draws());
    if (visits === 0 && !orders) continue;
    const visitSecond = addVisits(rows, index + 1, Math.max(visits, orders ? 1 : 0), details);
    if (orders) addOrder(rows, index + 1, visitSecond, details);
  }
}
