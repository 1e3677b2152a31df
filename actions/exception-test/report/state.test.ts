import { expect, test } from 'vitest';
import { samplePath } from './sample-result.ts';
import { PATH_STATES, STATE_LOOKS, stateOf } from './state.ts';

test('each state has a letter of its own', () => {
  expect(new Set(PATH_STATES.map((state) => STATE_LOOKS[state].letter)).size).toBe(PATH_STATES.length);
});

test('a reached path is asserted only where mutations were tried', () => {
  expect(stateOf(samplePath(), 1)).toBe('reached');
  expect(stateOf(samplePath(), 2)).toBe('asserted');
  expect(stateOf(samplePath({ mutations: [] }), 3)).toBe('reached');
});

test('of two states the worse is shown, and a waiver goes before all', () => {
  const half = { survivors: ['remove'], notTried: ['rethrow'] } as const;
  expect(stateOf(samplePath(half), 2)).toBe('survivor');
  expect(stateOf(samplePath({ notTried: ['rethrow'] }), 2)).toBe('not-tried');
  expect(stateOf(samplePath({ count: 0 }), 2)).toBe('unreached');
  expect(stateOf(samplePath({ ...half, waived: { reason: 'x', until: '2027-01-01' } }), 2)).toBe('waived');
});
