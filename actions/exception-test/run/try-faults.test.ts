import { describe, expect, test } from 'vitest';
import type { FaultOutcome } from '../runtime/fault-watch.ts';
import { chooseTest, withoutOwnError } from './try-faults.ts';

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

describe('an error that comes out of a scope with a call failing', () => {
  const errorOf = (message: string) => ({ classes: ['Error', 'Object'], code: undefined, message });
  const outcome: FaultOutcome = {
    ...{ scope: 'a', n: 1, failed: { what: 'fs.stat', at: undefined }, leftOpen: [], halfWritten: [] },
    error: errorOf('killed'),
  };
  const thrown = { say: 'thrown', test: 'one', scope: 'a', error: errorOf('killed') } as const;

  test('is none of that failure where it comes out of the same test without one', () => {
    expect(withoutOwnError(outcome, 'one', [thrown])).toEqual({ ...outcome, error: undefined });
  });

  test.each([
    ['test', { ...thrown, test: 'another' }],
    ['scope', { ...thrown, scope: 'b' }],
    ['error', { ...thrown, error: errorOf('lost') }],
  ])('stays where another %s has it', (_, other) => {
    expect(withoutOwnError(outcome, 'one', [other])).toBe(outcome);
  });
});
