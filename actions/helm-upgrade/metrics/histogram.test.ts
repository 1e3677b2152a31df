import { expect, test } from 'vitest';
import { countAbove, histogramOf, quantile } from './histogram.ts';

const bucket = (le: string, value: number, pod = 'a') => ({ name: 'seconds_bucket', labels: { le, pod }, value });
const samples = [bucket('0.1', 50), bucket('0.5', 90), bucket('1', 100), bucket('+Inf', 100)];

test('cumulative buckets become counts, over all series that fit', () => {
  const both = [...samples, bucket('0.1', 1, 'b'), bucket('0.5', 1, 'b'), bucket('1', 1, 'b'), bucket('+Inf', 2, 'b')];
  expect(histogramOf(both, 'seconds')).toEqual({
    bounds: [0.1, 0.5, 1, Infinity],
    counts: [51, 40, 10, 1],
    total: 102,
  });
  expect(histogramOf(both, 'seconds', ({ pod }) => pod === 'b').counts).toEqual([1, 0, 0, 1]);
});

test('a bucket that is behind the one below it counts nothing', () => {
  expect(histogramOf([bucket('0.1', 5), bucket('+Inf', 4)], 'seconds').counts).toEqual([5, 0]);
});

test('a quantile is linear in its bucket, as Prometheus has it', () => {
  const histogram = histogramOf(samples, 'seconds');
  expect(quantile(histogram, 0.5)).toBeCloseTo(0.1, 12);
  expect(quantile(histogram, 0.7)).toBeCloseTo(0.3, 12);
  expect(quantile(histogram, 0.95)).toBeCloseTo(0.75, 12);
});

test('in the last bucket it is the highest bound, and without values there is none', () => {
  expect(quantile(histogramOf([bucket('1', 0), bucket('+Inf', 9)], 'seconds'), 0.99)).toBe(1);
  expect(quantile(histogramOf([], 'seconds'), 0.99)).toBeUndefined();
});

test('above a limit lie the buckets that begin there', () => {
  const histogram = histogramOf(samples, 'seconds');
  expect([0, 0.1, 0.2, 0.5, 1].map((limit) => countAbove(histogram, limit))).toEqual([100, 50, 10, 10, 0]);
});
