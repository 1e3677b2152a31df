import { expect, test } from 'vitest';
import { pairedRatio, rotated, slope, spread } from './figures.ts';

test('a spread has the median in the middle, whatever the order', () => {
  expect(spread([5, 1, 4])).toEqual({ min: 1, median: 4, max: 5 });
  expect(spread([4, 1, 5, 2])).toEqual({ min: 1, median: 3, max: 5 });
  expect(spread([])).toEqual({ min: Number.NaN, median: Number.NaN, max: Number.NaN });
});

test('ratios are paired by round: a slow round slows both', () => {
  expect(pairedRatio([10, 5, 20], [5, 2.5, 10])).toEqual({ min: 2, median: 2, max: 2 });
});

test('the slope of a line is found, and noise around it does not turn it', () => {
  expect(slope([0, 1, 2, 3].map((x) => ({ x, y: 7 - 2 * x })))).toBeCloseTo(-2);
  expect(slope([0, 1, 2, 3].map((x) => ({ x, y: 3 * x + (x % 3 === 0 ? 1 : -1) })))).toBeCloseTo(3);
});

test('every round has all items, and begins with another', () => {
  const rounds = [0, 1, 2].map((round) => rotated(['a', 'b', 'c'], round));
  expect(rounds).toEqual([
    ['a', 'b', 'c'],
    ['a', 'c', 'b'],
    ['c', 'a', 'b'],
  ]);
});
