import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { mergeNotes } from '../run/read-notes.ts';
import { openCounter, openNotes, type Note } from './notes.ts';

test('a count is told at the first, at each power of two, and in the end', () => {
  const told: number[] = [];
  const { count, flush } = openCounter((note) => told.push(note.say === 'hit' ? note.count : -1));
  for (let n = 0; n < 11; n += 1) count('a#0', 'one');
  expect(told).toEqual([1, 2, 4, 8]);
  flush();
  flush();
  expect(told).toEqual([1, 2, 4, 8, 11]);
});

test('whatever is counted by whomever, the last word is the number of times', () => {
  const event = fc.tuple(fc.constantFrom('a#0', 'a#1'), fc.constantFrom('one', 'two'));
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 40 }), { maxLength: 3 }), (processes) => {
      const told = processes.map((events) => {
        const notes: Note[] = [];
        const { count, flush } = openCounter((note) => notes.push(note));
        for (const [id, of] of events) count(id, of);
        flush();
        return notes;
      });
      const { hits } = mergeNotes(told);
      for (const [id, of] of processes.flat()) {
        expect(hits.get(id)?.get(of)).toBe(processes.flat().filter((one) => one[0] === id && one[1] === of).length);
      }
    }),
  );
});

test('notes are lines of JSON in a file of the process, which is made with the first', async () => {
  const folder = await temporaryFolder();
  const tell = openNotes(folder);
  expect(readdirSync(folder)).toEqual([]);
  tell({ say: 'swallowed', id: 'a#0', test: 'one', error: 'of\ntwo lines' });
  tell({ say: 'loaded', test: 'one', file: 'a.ts' });
  const [file = ''] = readdirSync(folder);
  expect(file).toMatch(new RegExp(`^${process.pid}-.*\\.jsonl$`));
  const lines = readFileSync(path.join(folder, file), 'utf8').split('\n');
  expect(lines.slice(0, -1).map((line) => (JSON.parse(line) as Note).say)).toEqual(['swallowed', 'loaded']);
});

test('who outlives the run says nothing, and does not fail by it', async () => {
  const folder = await temporaryFolder();
  rmSync(folder, { recursive: true });
  expect(() => {
    openNotes(folder)({ say: 'loaded', test: 'one', file: 'a.ts' });
  }).not.toThrow();
});
