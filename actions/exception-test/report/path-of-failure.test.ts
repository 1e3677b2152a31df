import { expect, test } from 'vitest';
import { pathFinder } from './path-of-failure.ts';
import { sampleFailure, samplePath } from './sample-result.ts';

test('a failure finds the path of its kind that begins in its line', () => {
  const [thrown, caught] = [samplePath(), samplePath({ kind: 'catch' })];
  const find = pathFinder([thrown, caught]);
  expect(find(sampleFailure({ kind: 'catch' }))).toBe(caught);
  expect(find(sampleFailure())).toBe(thrown);
  expect(find(sampleFailure({ line: 3 }))).toBeUndefined();
  expect(find(sampleFailure({ kind: 'waiver' }))).toBeUndefined();
});
