import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import type { Note } from '../runtime/notes.ts';
import { addHits, mergeNotes, readNotes } from './read-notes.ts';

const hit = (id: string, of: string, count: number): Note => ({ say: 'hit', id, test: of, count });

test('the last count of a process counts, and processes are added', () => {
  const { hits } = mergeNotes([
    [hit('a#0', 'one', 1), hit('a#0', 'one', 2), hit('a#0', 'two', 1), hit('a#0', 'one', 3)],
    [hit('a#0', 'one', 5)],
  ]);
  expect([...(hits.get('a#0') ?? [])]).toEqual([
    ['one', 8],
    ['two', 1],
  ]);
});

test('a line that was not written to its end is left out', async () => {
  const folder = await temporaryFolder();
  writeFileSync(path.join(folder, '1-0-1.jsonl'), `${JSON.stringify(hit('a#0', 'one', 1))}\n{"say":"hit","id":"a#0"`);
  writeFileSync(path.join(folder, 'session.json'), 'no notes');
  expect(readNotes(folder).hits).toEqual(new Map([['a#0', new Map([['one', 1]])]]));
});

test('files that processes loaded are told by test, once', () => {
  const loaded = (file: string): Note => ({ say: 'loaded', test: 'one', file });
  expect(mergeNotes([[loaded('a.ts'), loaded('b.ts')], [loaded('a.ts')]]).loaded).toEqual(
    new Map([['one', new Set(['a.ts', 'b.ts'])]]),
  );
});

test('remembered counts are added, and the notes themselves stay as they are', () => {
  const notes = mergeNotes([[hit('a#0', 'one', 1)]]);
  const all = addHits(notes.hits, mergeNotes([[hit('a#0', 'two', 2), hit('a#1', 'two', 3)]]).hits);
  expect(all.get('a#0')).toEqual(
    new Map([
      ['one', 1],
      ['two', 2],
    ]),
  );
  expect(all.get('a#1')).toEqual(new Map([['two', 3]]));
  expect(notes.hits.size).toBe(1);
  expect(notes.hits.get('a#0')?.size).toBe(1);
});
