import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { readSession, testKey, testOf } from './session.ts';

test('a key tells the parts of a test, of whatever its name is made', () => {
  const parts = { project: 'unit', file: 'tests/a.test.ts', name: 'a > b\nin two lines' };
  expect(testOf(testKey(parts.project, parts.file, parts.name))).toEqual(parts);
  expect(testOf(testKey('', 'a.test.ts', ''))).toEqual({ project: '', file: 'a.test.ts', name: '' });
});

test('a session whose folder is gone is none', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'session.json');
  expect(readSession(file)).toBeUndefined();
  writeFileSync(file, '{"root":"/a"}');
  expect(readSession(file)).toEqual({ root: '/a' });
});
