import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { readSession } from '../runtime/session.ts';
import { openSession } from './open-session.ts';
import { readSources } from './sources.ts';

test('a session tells where the woven texts lie, and takes its notes with it when it ends', async () => {
  const root = await temporaryFolder();
  await mkdir(path.join(root, 'node_modules'));
  await writeFile(path.join(root, 'a.ts'), 'throw 1;\n');
  await writeFile(path.join(root, 'none.ts'), 'export {};\n');
  const sources = readSources(root, {});
  const session = openSession(root, sources, ['a.ts#0']);
  const other = openSession(root, sources, []);
  expect(session.notes).not.toBe(other.notes);
  const read = readSession(session.file);
  expect(read).toMatchObject({ root, notes: session.notes, maySwallow: ['a.ts#0'], places: { 'a.ts#0': 'a.ts:1:1' } });
  expect(Object.keys(read?.files ?? {})).toEqual(['a.ts']);
  expect(readFileSync(path.join(session.woven, read?.files['a.ts'] ?? ''), 'utf8')).toBe(
    sources.get('a.ts')?.woven?.text,
  );
  session.close();
  session.close();
  expect(existsSync(session.notes)).toBe(false);
  expect(readdirSync(other.notes)).toEqual(['session.json']);
});
