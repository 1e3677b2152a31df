import { expect, test } from 'vitest';
import { findPaths } from '../find/find-paths.ts';
import { mergeNotes } from '../run/read-notes.ts';
import type { SourceFile, Sources } from '../run/sources.ts';
import type { Note } from '../runtime/notes.ts';
import { testKey } from '../runtime/session.ts';
import { nameOf, observedFailures } from './observed.ts';

function sourcesOf(files: Record<string, string>): Sources {
  return new Map(
    Object.entries(files).map(([file, text]): [string, SourceFile] => {
      const { paths, unparsed } = findPaths(file, text);
      return [file, { text, hash: '', paths, unparsed, waivers: [], brokenWaivers: [] }];
    }),
  );
}

const sources = sourcesOf({ 'src/a.ts': 'export function a() {\n  try { b(); } catch {}\n}\n' });
const one = testKey('', 'a.test.ts', 'one');
const two = testKey('unit', 'b.test.ts', 'two');
const observed = (...notes: Note[]) => observedFailures(sources, mergeNotes([notes]));

test('a swallowed error fails where it was dropped, once, with the first test that saw it', () => {
  const failures = observed(
    { say: 'swallowed', id: 'src/a.ts#0', test: one, error: 'Error: no disk' },
    { say: 'swallowed', id: 'src/a.ts#0', test: two, error: 'Error: no net' },
  );
  expect(failures).toMatchObject([
    {
      file: 'src/a.ts',
      line: 2,
      kind: 'catch',
      reason: 'swallowed',
      message: '`catch {}` drops an error: Error: no disk (in a.test.ts > one).',
    },
  ]);
});

test('a path that is not there is nobody’s', () => {
  expect(observed({ say: 'swallowed', id: 'src/gone.ts#0', test: one, error: 'Error' })).toEqual([]);
});

test('a rejection fails where the error was made', () => {
  const failures = observed(
    { say: 'unhandled', test: one, error: 'Error: x', at: 'src/a.ts:7:3' },
    { say: 'unhandled', test: two, error: 'Error: x', at: 'src/a.ts:7:60' },
    { say: 'unhandled', test: two, error: 'Error: y', at: 'src/a.ts:9:3' },
  );
  expect(failures.map(({ line, reason, kind }) => ({ line, reason, kind }))).toEqual([
    { line: 7, reason: 'unhandled', kind: 'promise-reject' },
    { line: 9, reason: 'unhandled', kind: 'promise-reject' },
  ]);
});

test('a rejection from nowhere fails at its test file', () => {
  const [failure] = observed({ say: 'unhandled', test: two, error: 'nothing', at: two });
  expect(failure).toMatchObject({
    file: 'b.test.ts',
    line: 1,
    message: 'A rejection was not handled: nothing (in [unit] b.test.ts > two).',
  });
});

test('a file that cannot be parsed fails at the line, though no test loads it', () => {
  const broken = sourcesOf({ 'src/broken.ts': 'export const a = (\n  1,\n  };\n' });
  expect(observedFailures(broken, mergeNotes([]))).toMatchObject([
    { file: 'src/broken.ts', line: 3, kind: 'file', reason: 'unparsed' },
  ]);
});

test('a test is named with its project, and what is of no test by its file', () => {
  expect(nameOf(two)).toBe('[unit] b.test.ts > two');
  expect(nameOf(testKey('', 'a.test.ts', ''))).toBe('a.test.ts');
  expect(nameOf(testKey('', 'a.test.ts', 'of\ntwo lines'))).toBe('a.test.ts > of\ntwo lines');
});
