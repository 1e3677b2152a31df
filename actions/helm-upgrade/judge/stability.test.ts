import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect, test } from 'vitest';
import { shiftOf } from './stability.ts';

const histogram = (counts: number[]) => ({
  bounds: counts.map((_, at) => (at === counts.length - 1 ? Infinity : (at + 1) / counts.length)),
  counts,
  total: counts.reduce((sum, count) => sum + count, 0),
});

test('the index is the textbook sum over the bins', () => {
  // 40, 30, 20, 10 % against 10, 20, 30, 40 %, so many rows that the prior does not count.
  const [former, now] = [histogram([4e6, 3e6, 2e6, 1e6]), histogram([1e6, 2e6, 3e6, 4e6])];
  const expected = -0.3 * Math.log(1 / 4) - 0.1 * Math.log(2 / 3) + 0.1 * Math.log(3 / 2) + 0.3 * Math.log(4);
  expect(shiftOf(former, now, 0.01).index).toBeCloseTo(expected, 5);
});

test('what is alike has none, also where one has a hundred times the rows', () => {
  expect(shiftOf(histogram([400, 300, 300]), histogram([40_000, 30_000, 30_000]), 0.01).index).toBeCloseTo(0, 4);
});

test('an empty bin is a large shift, and no infinite one', () => {
  const { index } = shiftOf(histogram([500, 500]), histogram([1000, 0]), 0.01);
  expect(index).toBeGreaterThan(1);
  expect(Number.isFinite(index)).toBe(true);
});

test('rows where the former had almost none are seen', () => {
  const former = histogram([500, 495, 5, 0]);
  expect(shiftOf(former, histogram([450, 450, 50, 50]), 0.01).index).toBeGreaterThan(0.1);
});

test('one bin cannot shift', () => {
  expect(shiftOf(histogram([1000]), histogram([5]), 0.01)).toEqual({ index: 0, chance: 0 });
});

test('of a thousand pairs of samples of one distribution, chance explains all but one in a hundred at most', () => {
  const generator = xoroshiro128plus(7);
  const draw = (rows: number) => {
    const counts = Array.from({ length: 20 }, () => 0);
    for (let row = 0; row < rows; row += 1) {
      const bin = Math.min(uniformInt(generator, 0, 19), uniformInt(generator, 0, 19));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return histogram(counts);
  };
  let beyond = 0;
  let largest = 0;
  for (let pair = 0; pair < 1000; pair += 1) {
    const { index, chance } = shiftOf(draw(500), draw(800), 0.01);
    if (index > chance) beyond += 1;
    largest = Math.max(largest, index / chance);
  }
  expect(beyond).toBeLessThanOrEqual(10);
  // The bound is not empty either.
  expect(largest).toBeGreaterThan(0.5);
});
