import { describe, expect, test } from 'vitest';
import { chanceStreams, normal } from './chance.ts';

const MANY = 20_000;

function draw(seed: number, stream: number, count: number): number[] {
  const chance = chanceStreams(seed, stream + 1)[stream];
  return Array.from({ length: count }, () => chance?.() ?? Number.NaN);
}

function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = mean(a.map((value, index) => (value - meanA) * ((b[index] ?? 0) - meanB)));
  return (
    product / Math.sqrt(mean(a.map((value) => (value - meanA) ** 2)) * mean(b.map((value) => (value - meanB) ** 2)))
  );
}

describe('streams of chance', () => {
  test('a seed gives the same numbers again', () => {
    expect(draw(5, 1, 100)).toEqual(draw(5, 1, 100));
  });

  test.each([
    { of: 'two streams of one seed', a: draw(5, 0, MANY), b: draw(5, 1, MANY) },
    { of: 'two near seeds', a: draw(5, 0, MANY), b: draw(6, 0, MANY) },
  ])('$of have nothing to do with each other', ({ a, b }) => {
    expect(Math.abs(correlation(a, b))).toBeLessThan(4 / Math.sqrt(MANY));
  });

  test('the first numbers of a hundred near seeds are spread over [0, 1)', () => {
    const firsts = Array.from({ length: 100 }, (_, seed) => draw(seed, 0, 1)[0] ?? -1);
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...firsts)).toBeLessThan(0.1);
    expect(Math.max(...firsts)).toBeGreaterThan(0.9);
    expect(Math.max(...firsts)).toBeLessThan(1);
  });

  test('normal numbers have mean 0 and variance 1', () => {
    const [chance = () => Number.NaN] = chanceStreams(1, 1);
    const values = Array.from({ length: MANY }, () => normal(chance));
    expect(values.reduce((sum, value) => sum + value, 0) / MANY).toBeCloseTo(0, 1);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / MANY).toBeCloseTo(1, 1);
  });
});
