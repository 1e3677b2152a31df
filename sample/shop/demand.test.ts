import { describe, expect, test } from 'vitest';
import { dayNumber } from '../../pipelines/core/days.ts';
import { chanceStreams } from './chance.ts';
import { demandOf, weekdayOf } from './demand.ts';
import { CATEGORIES, drawPopulation } from './population.ts';

const [chance = () => 0] = chanceStreams(3, 1);
const population = drawPopulation(4000, chance);
const demand = demandOf(population, '2025-01-06', '2025-01-16');

/** Mean log odds of a category's customers on a day. */
function want(category: string, day: number): number {
  const odds = demand.base(day).filter((_, index) => CATEGORIES[population.category[index] ?? 0] === category);
  return odds.reduce((sum, value) => sum + Math.log(value), 0) / odds.length;
}

describe('demand', () => {
  test('tastes change at the start of the change day, not before', () => {
    expect(demand.base(9)).toEqual(demand.base(0));
    expect(demand.base(10)).not.toEqual(demand.base(9));
    expect(demand.base(11)).toEqual(demand.base(10));
  });

  test('garden goes cold, books and toys go hot, kitchen stays', () => {
    expect(want('garden', 10)).toBeLessThan(want('garden', 9) - 1);
    expect(want('books', 10)).toBeGreaterThan(want('books', 9) + 1);
    expect(want('toys', 10)).toBeGreaterThan(want('toys', 9) + 1);
    expect(want('kitchen', 10)).toBe(want('kitchen', 9));
  });

  test('the calendar comes back after seven days', () => {
    const weekdays = Array.from({ length: 7 }, (_, day) => demand.weekday(day));
    expect(new Set(weekdays).size).toBeGreaterThan(3);
    expect(Array.from({ length: 7 }, (_, day) => demand.weekday(day + 7))).toEqual(weekdays);
  });

  test('Monday is 0 and Sunday is 6, before 1970 too', () => {
    expect(['2025-01-06', '2025-01-12', '1969-12-29'].map((day) => weekdayOf(dayNumber(day)))).toEqual([0, 6, 0]);
  });
});
