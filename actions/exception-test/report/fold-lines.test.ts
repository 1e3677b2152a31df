import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldLines } from './fold-lines.ts';

test('every line is in one range, in order, and what is shown is not folded', () => {
  fc.assert(
    fc.property(fc.nat({ max: 60 }), fc.array(fc.integer({ min: 1, max: 60 })), (count, shown) => {
      const ranges = foldLines(count, (line) => shown.includes(line));
      const lines = ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at));
      expect(lines).toEqual(Array.from({ length: count }, (_, at) => at + 1));
      for (const { from, to, isFolded } of ranges) {
        if (isFolded) expect(shown.some((line) => from <= line && line <= to)).toBe(false);
      }
    }),
  );
});

test('three lines are left on both sides of what is shown', () => {
  expect(foldLines(30, (line) => line === 15)).toEqual([
    { from: 1, to: 11, isFolded: true },
    { from: 12, to: 18, isFolded: false },
    { from: 19, to: 30, isFolded: true },
  ]);
});

test('a few lines are not folded', () => {
  expect(foldLines(21, (line) => line === 4 || line === 16)).toEqual([{ from: 1, to: 21, isFolded: false }]);
});
