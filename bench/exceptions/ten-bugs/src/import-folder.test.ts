import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { importFolder } from './import-folder.ts';

test('the files are read by name, and only tables', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'b.csv'), 'id;sku;quantity;currency\na2;tea;1;EUR\n');
  await writeFile(path.join(folder, 'a.csv'), 'id;sku;quantity;currency\na1;tea;1;EUR\n');
  await writeFile(path.join(folder, 'readme.txt'), 'Orders go here.\n');
  const told: string[] = [];
  expect((await importFolder(folder, (line) => told.push(line))).map(({ id }) => id)).toEqual(['a1', 'a2']);
  expect(told).toEqual([]);
});

test('a broken file does not keep the others back', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'a.csv'), 'id;sku;quantity;currency\na1;tea;many;EUR\n');
  await writeFile(path.join(folder, 'b.csv'), 'id;sku;quantity;currency\na2;tea;1;EUR\n');
  expect((await importFolder(folder, () => undefined)).map(({ id }) => id)).toEqual(['a2']);
});
