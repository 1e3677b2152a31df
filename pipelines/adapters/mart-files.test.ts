import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { daysIn } from './mart-files.ts';

test('a day counts when its partition holds the file', async () => {
  const folder = await temporaryFolder();
  for (const day of ['2025-01-03', '2025-01-02', '2025-01-04']) await mkdir(path.join(folder, `as_of=${day}`));
  for (const day of ['2025-01-03', '2025-01-02'])
    await writeFile(path.join(folder, `as_of=${day}`, 'part.parquet'), '');
  expect(await daysIn(folder, 'part.parquet')).toEqual(['2025-01-02', '2025-01-03']);
});

test('a mart that is not there has no days, one that cannot be read is an error', async () => {
  const folder = await temporaryFolder();
  expect(await daysIn(path.join(folder, 'nothing'), 'part.parquet')).toEqual([]);
  await symlink('loop', path.join(folder, 'loop'));
  await expect(daysIn(path.join(folder, 'loop'), 'part.parquet')).rejects.toMatchObject({ code: 'ELOOP' });
});
