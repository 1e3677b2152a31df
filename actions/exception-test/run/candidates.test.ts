import { expect, test } from 'vitest';
import { findPaths } from '../find/find-paths.ts';
import type { Note } from '../runtime/notes.ts';
import { testKey } from '../runtime/session.ts';
import { chooseCandidates } from './candidates.ts';
import { mergeNotes } from './read-notes.ts';
import type { TestOutcome } from './run-tests.ts';
import type { Sources } from './sources.ts';
import type { Candidate } from './try-mutants.ts';

const text = 'try { a(); } catch { b(); }\nthrow 1;\n';
const sources: Sources = new Map([
  ['a.ts', { text, hash: '', paths: findPaths('a.ts', text).paths, waivers: [], brokenWaivers: [] }],
]);
const key = (name: string) => testKey('', 'a.test.ts', name);
const outside = key('');

/** Paths a.ts#0 is a catch clause, a.ts#1 a throw. */
function candidates(
  hits: Record<string, readonly string[]>,
  states: Record<string, TestOutcome['state']>,
): Candidate[] {
  const notes = Object.entries(hits).flatMap(([id, tests]) =>
    tests.map((of): Note => ({ say: 'hit', id: `a.ts#${id}`, test: of, count: 1 })),
  );
  const tests = Object.entries(states).map(([name, state]) => ({ test: key(name), state, durationMs: 7, errors: [] }));
  const files = [{ project: '', file: 'a.test.ts', tests, errors: [] }];
  return chooseCandidates(sources, { notes: mergeNotes([notes]), files });
}

test('each mutation of a reached path is tried with the tests that reached it', () => {
  expect(candidates({ 0: [key('one'), key('two')] }, { one: 'passed', two: 'passed', three: 'passed' })).toEqual(
    (['rethrow', 'remove'] as const).map((mutation) => ({
      id: 'a.ts#0',
      mutation,
      tests: [
        { test: key('one'), durationMs: 7 },
        { test: key('two'), durationMs: 7 },
      ],
    })),
  );
});

test('a test that is red notices nothing, and a path that only red ones reach is not tried', () => {
  const chosen = candidates({ 0: [key('one'), key('two')], 1: [key('two')] }, { one: 'passed', two: 'failed' });
  expect(new Set(chosen.map(({ id }) => id))).toEqual(new Set(['a.ts#0']));
  expect(chosen[0]?.tests).toEqual([{ test: key('one'), durationMs: 7 }]);
});

test('a path that is reached outside of all tests is tried with the whole file', () => {
  const [chosen] = candidates({ 1: [outside] }, { one: 'passed', two: 'passed', three: 'skipped' });
  expect(chosen?.tests).toEqual([{ test: outside, durationMs: 14 }]);
});

test('or with those of its tests that are not red', () => {
  const [chosen] = candidates({ 1: [outside, key('one')] }, { one: 'passed', two: 'failed', three: 'passed' });
  expect(chosen?.tests.map(({ test: of }) => of)).toEqual([key('one'), key('three')]);
  expect(candidates({ 1: [outside] }, { one: 'failed', two: 'skipped' })).toEqual([]);
});
