import { addDays, type Day } from '../../pipelines/core/days.ts';
import { type Chance, chanceStreams } from './chance.ts';
import { addOffer } from './customer-day.ts';
import { type DayRows, startDay } from './day-rows.ts';
import { type Demand, demandOf } from './demand.ts';
import { firstInterest } from './interest.ts';
import { type DayChance, liveDay } from './live-day.ts';
import { drawPopulation, knownCustomers, type Population } from './population.ts';
import { type Evening, NEVER, orderWithin } from './truth.ts';

/** How many days ahead {@link Shop.truth} looks. */
const HORIZON_DAYS = 7;

export interface ShopOptions {
  /** The same seed with the same offers gives the same shop, row by row. */
  seed: number;
  /** How many customers there are in the end; 5 % of them join on the way. */
  customers: number;
  firstDay: Day;
  /** The first day with the other tastes. */
  changeDay: Day;
}

/** An invented online shop, for samples and tests; customer numbers start at 1. */
export interface Shop {
  readonly firstDay: Day;
  readonly changeDay: Day;
  /** The newest day lived, undefined before the first. */
  readonly today: Day | undefined;
  /** Lives the next day. `offered` are the customers that an offer was decided for at the end of the day before. */
  live(day: Day, offered: Iterable<number>): DayRows;
  /**
   * The true chance that each customer (at index number − 1) orders within the 7 days after today; `coming[k]` are the
   * customers who will get an offer on day k + 1 after today, by default nobody.
   */
  truth(coming?: readonly Iterable<number>[]): Float64Array;
  /** The day of the newest offer of each customer who got one. */
  lastOffers(): Map<number, Day>;
  /** The same shop today, with another future: chance starts anew from `seed`. */
  fork(seed: number): Shop;
}

/** What never changes about a shop. */
interface World {
  firstDay: Day;
  changeDay: Day;
  population: Population;
  demand: Demand;
}

/** Opens a shop before its first day. Chance is all in the seed, time in the days: the shop reads no clock. */
export function createShop({ seed, customers, firstDay, changeDay }: ShopOptions): Shop {
  const [draws, details, people] = chanceStreams(seed, 3) as [Chance, Chance, Chance];
  const population = drawPopulation(customers, people);
  const demand = demandOf(population, firstDay, changeDay);
  const hot = firstInterest(population.joinedDay, people);
  const state = { day: -1, known: 0, hot, lastOffer: new Int32Array(customers).fill(NEVER) };
  return shopIn({ firstDay, changeDay, population, demand }, state, { draws, details });
}

function shopIn(world: World, state: Evening, chance: DayChance): Shop {
  const { firstDay, changeDay, demand } = world;
  return {
    firstDay,
    changeDay,
    get today() {
      return state.day < 0 ? undefined : addDays(firstDay, state.day);
    },
    live: (day, offered) => liveNext(world, state, chance, day, offered),
    truth: (coming = []) => {
      const indexes = coming.map((customers) => Array.from(customers, (id) => indexOf(id, state.known)));
      return orderWithin(HORIZON_DAYS, demand, state, indexes);
    },
    lastOffers: () => {
      const offers = new Map<number, Day>();
      for (const [index, day] of state.lastOffer.entries())
        if (day !== NEVER) offers.set(index + 1, addDays(firstDay, day));
      return offers;
    },
    fork: (seed) => {
      const [draws, details] = chanceStreams(seed, 2) as [Chance, Chance];
      const copy = { ...state, hot: state.hot.slice(), lastOffer: state.lastOffer.slice() };
      return shopIn(world, copy, { draws, details });
    },
  };
}

function liveNext(world: World, state: Evening, chance: DayChance, day: Day, offered: Iterable<number>): DayRows {
  const next = addDays(world.firstDay, state.day + 1);
  if (day !== next) throw new RangeError(`The shop lives its days in order: ${next} is next, not ${day}.`);
  const offers = Array.from(new Set(offered), (id) => indexOf(id, state.known));
  const known = knownCustomers(world.population, state.day + 1);
  const rows = startDay(day, world.population, state.known, known);
  state.day += 1;
  state.known = known;
  for (const index of offers) {
    state.lastOffer[index] = state.day;
    addOffer(rows, index + 1);
  }
  liveDay(rows, world.demand, state, chance);
  return rows;
}

function indexOf(customerId: number, known: number): number {
  if (Number.isInteger(customerId) && customerId >= 1 && customerId <= known) return customerId - 1;
  throw new RangeError(`The shop has no customer ${customerId}; the numbers go from 1 to ${known}.`);
}
