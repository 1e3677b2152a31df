import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceStreams } from './chance.ts';
import { drawPopulation, knownCustomers, type Population } from './population.ts';

function populationOf(size: number): Population {
  const [chance = () => 0] = chanceStreams(1, 1);
  return drawPopulation(size, chance);
}

describe('the population', () => {
  test('95 % are there on the first day and the others join within 200 days', () => {
    const population = populationOf(20_000);
    expect(knownCustomers(population, 0)).toBe(19_000);
    expect(knownCustomers(population, 1)).toBe(19_005);
    expect(knownCustomers(population, 199)).toBeLessThan(20_000);
    expect(knownCustomers(population, 200)).toBe(20_000);
  });

  test('nobody is known before the first day', () => {
    expect(knownCustomers(populationOf(100), -1)).toBe(0);
  });

  test('as many are known as have joined by then, at any size and on any day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 400 }), (size, day) => {
        const population = populationOf(size);
        expect(knownCustomers(population, day)).toBe(population.joinedDay.filter((joined) => joined <= day).length);
      }),
      { numRuns: 60 },
    );
  });

  test('every category, age group and region has customers', () => {
    const population = populationOf(2000);
    expect([population.category, population.ageGroup, population.region].map((column) => new Set(column).size)).toEqual(
      [8, 4, 5],
    );
  });
});
