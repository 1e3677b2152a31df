import { type Chance, normal } from './chance.ts';

/** What the shop sells most of to a customer, from the best seller of the first days to the slowest. */
export const CATEGORIES = ['garden', 'sport', 'kitchen', 'books', 'toys', 'fashion', 'pets', 'lamps'] as const;
export const AGE_GROUPS = ['18-29', '30-44', '45-59', '60+'] as const;
export const REGIONS = ['north', 'east', 'south', 'west', 'coast'] as const;

/** Customers as columns, in the order in which they join; the customer at index i has the number i + 1. */
export interface Population {
  size: number;
  /** How many days after the shop's first day a customer joins; 0 for those who are there from the start. */
  joinedDay: Int32Array;
  /** Index into {@link CATEGORIES}. */
  category: Uint8Array;
  /** Index into {@link AGE_GROUPS}. */
  ageGroup: Uint8Array;
  /** Index into {@link REGIONS}. */
  region: Uint8Array;
  /** How readily a customer orders, in log odds; nobody but the shop itself sees it. */
  level: Float64Array;
}

const FOUNDING_SHARE = 0.95;
const JOINING_SHARE_PER_DAY = 1 / 4000;
const LEVEL_DEVIATION = 0.2;
const AGE_SHARES = [0.22, 0.33, 0.27, 0.18];

/** Draws `size` customers; 95 % are there on the first day, the others join at an even pace over 200 days. */
export function drawPopulation(size: number, chance: Chance): Population {
  const founding = Math.ceil(size * FOUNDING_SHARE);
  const perDay = size * JOINING_SHARE_PER_DAY;
  const anyOf = (values: readonly string[]) => Math.floor(chance() * values.length);
  return {
    size,
    joinedDay: Int32Array.from({ length: size }, (_, index) =>
      index < founding ? 0 : 1 + Math.floor((index - founding) / perDay),
    ),
    category: Uint8Array.from({ length: size }, () => anyOf(CATEGORIES)),
    ageGroup: Uint8Array.from({ length: size }, () => indexByShare(AGE_SHARES, chance())),
    region: Uint8Array.from({ length: size }, () => anyOf(REGIONS)),
    level: Float64Array.from({ length: size }, () => normal(chance) * LEVEL_DEVIATION),
  };
}

/** How many customers have joined by the end of a day, counted from the first. */
export function knownCustomers(population: Population, day: number): number {
  const joined = population.joinedDay;
  let count = 0;
  for (let step = 1 << 30; step > 0; step >>= 1) {
    const index = count + step - 1;
    if (index < population.size && (joined[index] ?? 0) <= day) count += step;
  }
  return count;
}

function indexByShare(shares: readonly number[], uniform: number): number {
  let upTo = 0;
  const index = shares.findIndex((share) => uniform < (upTo += share));
  return index < 0 ? shares.length - 1 : index;
}
