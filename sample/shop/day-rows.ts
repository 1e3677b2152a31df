import type { Day } from '../../pipelines/core/days.ts';
import { AGE_GROUPS, CATEGORIES, type Population, REGIONS } from './population.ts';

/** Rows of one table as columns of equal length. `second` counts from the day's midnight, UTC. */
interface TimedColumns {
  customerId: number[];
  second: number[];
}

export interface CustomerColumns {
  customerId: number[];
  category: string[];
  ageGroup: string[];
  region: string[];
}

/** What happened in the shop on one day, table by table; money in EUR, rounded to cents. */
export interface DayRows {
  day: Day;
  /** Customers who joined; on the first day all who are there. */
  joined: CustomerColumns;
  visits: TimedColumns;
  orders: TimedColumns & { amount: number[]; margin: number[] };
  offers: TimedColumns & { cost: number[] };
}

/** A day on which nothing has happened yet but that the customers with index in `[from, to)` joined. */
export function startDay(day: Day, population: Population, from: number, to: number): DayRows {
  return {
    day,
    joined: {
      customerId: Array.from({ length: to - from }, (_, index) => from + index + 1),
      category: Array.from(population.category.subarray(from, to), (index) => CATEGORIES[index] ?? ''),
      ageGroup: Array.from(population.ageGroup.subarray(from, to), (index) => AGE_GROUPS[index] ?? ''),
      region: Array.from(population.region.subarray(from, to), (index) => REGIONS[index] ?? ''),
    },
    visits: { customerId: [], second: [] },
    orders: { customerId: [], second: [], amount: [], margin: [] },
    offers: { customerId: [], second: [], cost: [] },
  };
}
