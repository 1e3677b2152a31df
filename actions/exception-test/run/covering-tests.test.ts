import { expect, test } from 'vitest';
import { testKey } from '../runtime/session.ts';
import { coveringTests } from './covering-tests.ts';

const key = (file: string, name: string) => testKey('', file, name);
const [a1, a2, b1] = [key('a.test.ts', '1'), key('a.test.ts', '2'), key('b.test.ts', '1')];

/** Which tests reached which path. */
const hitsOf = (reached: Record<string, string[]>) =>
  new Map(Object.entries(reached).map(([id, tests]) => [id, new Map(tests.map((of) => [of, 1]))]));

test('one test is enough for all that it reached', () => {
  const hits = hitsOf({ p: [a1, b1], q: [a1], r: [a1, a2] });
  expect(coveringTests(new Set(['p', 'q', 'r']), hits, () => 10)).toEqual(new Set([a1]));
});

test('a slow test is taken only for what no other reaches', () => {
  const hits = hitsOf({ p: [a1, b1], q: [a1, b1], r: [b1] });
  const slow = (of: string) => (of === b1 ? 60_000 : 10);
  expect(coveringTests(new Set(['p', 'q']), hits, slow)).toEqual(new Set([a1]));
  expect(coveringTests(new Set(['p', 'q', 'r']), hits, slow)).toEqual(new Set([a1, b1]));
});

test('a file that is loaded anyway is the cheaper one', () => {
  const hits = hitsOf({ p: [a1], q: [a2, b1] });
  const chosen = coveringTests(new Set(['p', 'q']), hits, (of) => (of === a2 ? 200 : 10));
  expect(chosen).toEqual(new Set([a1, a2]));
});

test('paths that are not asked for, and those that nobody reached, choose nothing', () => {
  expect(coveringTests(new Set(['other']), hitsOf({ p: [a1] }), () => 10)).toEqual(new Set());
  expect(coveringTests(new Set(), hitsOf({ p: [a1] }), () => 10)).toEqual(new Set());
});
