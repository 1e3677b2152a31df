import { addDays, type Day, dayNumber } from '../../pipelines/core/days.ts';
import { type Chance, chanceStreams } from './chance.ts';
import { addOffer, addOrder, addVisits, visitsOf } from './customer-day.ts';
import { type DayRows, startDay } from './day-rows.ts';
import { type Demand, demandOf, HOT_ODDS, OFFER_DAYS, OFFER_ODDS, probabilityOf, weekdayOf } from './demand.ts';
import { firstInterest, nextInterest } from './interest.ts';
import { drawPopulation, knownCustomers, type Population } from './population.ts';
import { type Evening, NEVER, orderWithin } from './truth.ts';

/** How many days ahead {@link Shop.truth} looks. */
export const HORIZON_DAYS = 7;

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

/** Opens a shop before its first day. Chance is all in the seed: the shop reads no clock. */
export function createShop(options: ShopOptions): Shop {
  const [people, interest] = chanceStreams(options.seed, 2) as [Chance, Chance];
  const population = drawPopulation(options.customers, people);
  const state: Evening = {
    day: -1,
    known: 0,
    hot: firstInterest(population.joinedDay, interest),
    lastOffer: new Int32Array(options.customers).fill(NEVER),
  };
  const demand = demandOf(population, options.firstDay, options.changeDay);
  return shopIn(options, population, demand, state, options.seed + 1);
}

function shopIn(options: ShopOptions, population: Population, demand: Demand, state: Evening, seed: number): Shop {
  const { firstDay, changeDay } = options;
  // Every customer takes the same number of draws each day, whoever gets an offer: two shops of one seed that
  // differ in offers alone differ in what the offers did alone.
  const [draws, details] = chanceStreams(seed, 2) as [Chance, Chance];
  const indexOf = (customerId: number): number => {
    if (Number.isInteger(customerId) && customerId >= 1 && customerId <= population.size) return customerId - 1;
    throw new RangeError(`There is no customer ${customerId}; the numbers go from 1 to ${population.size}.`);
  };
  return {
    firstDay,
    changeDay,
    get today() {
      return state.day < 0 ? undefined : addDays(firstDay, state.day);
    },
    live(day, offered) {
      const next = addDays(firstDay, state.day + 1);
      if (day !== next) throw new RangeError(`The shop lives its days in order: ${next} is next, not ${day}.`);
      const offers = Array.from(new Set(offered), indexOf);
      const known = knownCustomers(population, state.day + 1);
      const rows = startDay(day, population, state.known, known);
      state.day += 1;
      state.known = known;
      for (const index of offers) {
        state.lastOffer[index] = state.day;
        addOffer(rows, index + 1);
      }
      liveDay(rows, demand, state, draws, details);
      return rows;
    },
    truth: (coming = []) =>
      orderWithin(HORIZON_DAYS, demand, state, coming.map((customers) => Array.from(customers, indexOf))),
    lastOffers: () =>
      new Map([...state.lastOffer.entries()].flatMap(([index, day]) => (day < 0 ? [] : [[index + 1, addDays(firstDay, day)]]))),
    fork: (forkSeed) => {
      const copy = { ...state, hot: state.hot.slice(), lastOffer: state.lastOffer.slice() };
      return shopIn(options, population, demand, copy, forkSeed);
    },
  };
}

/** Lets every customer who has joined live the day: interest first, then order and visits. */
function liveDay(rows: DayRows, demand: Demand, state: Evening, draws: Chance, details: Chance): void {
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
