import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { withLock } from './lock.ts';

test('the work is done under the lock, which is gone afterwards', async () => {
  const lock = path.join(await temporaryFolder(), 'lock');
  const result = await withLock(lock, async () => {
    await access(lock);
    return 7;
  });
  expect(result).toBe(7);
  await expect(access(lock)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a second import is turned away, and does no work', async () => {
  const lock = path.join(await temporaryFolder(), 'lock');
  await mkdir(lock);
  const done: string[] = [];
  const turnedAway = withLock(lock, async () => done.push('work'));
  await expect(turnedAway).rejects.toMatchObject({
    code: 'LOCKED',
    message: `Another import holds ${lock}`,
    cause: { code: 'EEXIST' },
  });
  expect(done).toEqual([]);
  await access(lock);
});

test('the lock is given back when the work fails', async () => {
  const lock = path.join(await temporaryFolder(), 'lock');
  await withLock(lock, () => Promise.reject(new Error('no more room'))).catch(() => undefined);
  await expect(access(lock)).rejects.toMatchObject({ code: 'ENOENT' });
});
