import { expect, test } from 'vitest';
import { chooseTest } from './try-faults.ts';

const DURATIONS = new Map([
  ['quick', { durationMs: 10 }],
  ['slow', { durationMs: 2_000 }],
  ['slower', { durationMs: 3_000 }],
]);

test('the test with the most calls in a scope is chosen, though others are cheaper', () => {
  const measured = [
    { test: 'quick', tried: 1 },
    { test: 'slow', tried: 40 },
  ];
  expect(chooseTest(measured, DURATIONS)).toBe('slow');
});

test('of those with nearly the most calls it is the cheapest', () => {
  const measured = [
    { test: 'slower', tried: 40 },
    { test: 'slow', tried: 37 },
    { test: 'quick', tried: 35 },
  ];
  expect(chooseTest(measured, DURATIONS)).toBe('slow');
});

test('where none makes a call there is none to choose', () => {
  expect(chooseTest([], DURATIONS)).toBeUndefined();
});
