import { type Day, dayNumber } from '../../pipelines/core/days.ts';
import type { Population } from './population.ts';

/** An offer works on the day it is sent and the two after; a second one meanwhile starts it anew and adds nothing. */
export const OFFER_DAYS = 3;

/** Log odds that a customer orders on a day, as a sum of parts. */
const BASE = -5.7;
const HOT = 2.35;
const OFFER = 0.5;
/** By category, before and after the change of taste. */
const TASTE_BEFORE = [1.3, 0.9, 0.6, 0.2, -0.3, -0.6, -0.9, -1.2];
const TASTE_AFTER = [0.1, -0.4, 0.6, 1.3, 0.9, -0.6, -0.9, -1.2];
const AGE = [-0.5, 0.1, 0.5, -0.2];
const REGION = [0.15, -0.15, 0, -0.3, 0.3];
/** Monday first. */
const WEEKDAY = [0.05, -0.1, -0.1, 0, 0.1, 0.2, -0.15];

/** The odds of an order, made of factors so that a day costs no exponential per customer. */
export interface Demand {
  /** Odds of each customer on a day counted from the first: cold, without an offer. */
  base(day: number): Float64Array;
  /** Factor of the calendar on a day counted from the first. */
  weekday(day: number): number;
}

/** Factors on the odds for a hot customer and for one with an offer at work. */
export const HOT_ODDS = Math.exp(HOT);
export const OFFER_ODDS = Math.exp(OFFER);

/** What a population wants, with tastes that change at the start of `changeDay`. */
export function demandOf(population: Population, firstDay: Day, changeDay: Day): Demand {
  const first = dayNumber(firstDay);
  const change = dayNumber(changeDay) - first;
  const before = baseOdds(population, TASTE_BEFORE);
  const after = baseOdds(population, TASTE_AFTER);
  const weekdays = WEEKDAY.map(Math.exp);
  return {
    base: (day) => (day < change ? before : after),
    weekday: (day) => weekdays[weekdayOf(first + day)] ?? 1,
  };
}

/** The chance that goes with odds. */
export function probabilityOf(odds: number): number {
  return odds / (1 + odds);
}

/** 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday. */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 3) % 7) + 7) % 7;
}

function baseOdds(population: Population, taste: readonly number[]): Float64Array {
  const at = (table: readonly number[], index: number | undefined) => table[index ?? 0] ?? 0;
  return Float64Array.from(population.level, (level, index) =>
    Math.exp(
      BASE +
        level +
        at(taste, population.category[index]) +
        at(AGE, population.ageGroup[index]) +
        at(REGION, population.region[index]),
    ),
  );
}
