import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { appendRotated, setAside } from './rotated-file.ts';

const texts = (folder: string) => readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'));

test('a text is put behind what is there, and the folder is made', async () => {
  const file = path.join(await temporaryFolder(), 'logs', 'log');
  appendRotated(file, 'one\n');
  appendRotated(file, 'two\n');
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
});

test('a long file is set aside whole, and the newest of those are kept', async () => {
  const folder = await temporaryFolder();
  writeFileSync(path.join(folder, 'log-of-another'), 'another');
  for (const text of ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2', 'e1']) {
    appendRotated(path.join(folder, 'log'), text, { maxBytes: 3, kept: 2 });
  }
  expect(texts(folder).sort()).toEqual(['another', 'c1c2', 'd1d2', 'e1'].sort());
});

test('a file that another process has set aside a moment ago is left to it', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'log');
  writeFileSync(file, 'theirs');
  setAside(file);
  expect(() => {
    setAside(file);
  }).not.toThrow();
  expect(texts(folder)).toEqual(['theirs']);
});

test('what keeps a file from being set aside is the error', async () => {
  const file = path.join(await temporaryFolder(), 'file');
  writeFileSync(file, 'no folder');
  expect(() => {
    setAside(path.join(file, 'log'));
  }).toThrow(expect.objectContaining({ code: 'ENOTDIR' }) as Error);
});

test('what is no file is an error of its writer’s', async () => {
  const file = path.join(await temporaryFolder(), 'log');
  mkdirSync(file);
  expect(() => {
    appendRotated(file, 'one');
  }).toThrow(expect.objectContaining({ code: 'EISDIR' }) as Error);
});
