import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { homeAt } from './home.ts';
import { withModelLock } from './lock.ts';

const HOLDER = `
  import { homeAt } from '${path.join(import.meta.dirname, 'home.ts')}';
  import { withModelLock } from '${path.join(import.meta.dirname, 'lock.ts')}';
  await withModelLock(homeAt(process.argv[1]), 'shop', { verb: 'train' }, async () => {
    console.log('held');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });`;

async function startHolder(root: string) {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return holder;
}

test('a second command meets BUSY, told which one is at work', async () => {
  const root = await temporaryFolder();
  const holder = await startHolder(root);
  const second = withModelLock(homeAt(root), 'shop', { verb: 'etl', waitMs: 0 }, () => Promise.resolve('ran'));
  await expect(second).rejects.toMatchObject({
    code: 'BUSY',
    message: expect.stringContaining(`\`cleaver train\` (process ${holder.pid ?? 0})`) as string,
  });
  holder.kill('SIGKILL');
});

test('the lock of a killed command is free, and what it left in the work folder is swept', async () => {
  const root = await temporaryFolder();
  const holder = await startHolder(root);
  await writeFile(path.join(homeAt(root).work, 'shop', 'half.parquet'), 'half');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const leftovers = await withModelLock(homeAt(root), 'shop', { verb: 'etl', waitMs: 0 }, () =>
    Promise.resolve(existsSync(path.join(homeAt(root).work, 'shop', 'half.parquet'))),
  );
  expect(leftovers).toBe(false);
});

test('a command waits for one that ends in time', async () => {
  const home = homeAt(await temporaryFolder());
  const order: string[] = [];
  const isHeld = Promise.withResolvers<undefined>();
  const first = withModelLock(home, 'shop', { verb: 'etl' }, async () => {
    isHeld.resolve(undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    order.push('first');
  });
  await isHeld.promise;
  const second = withModelLock(home, 'shop', { verb: 'report', pollMs: 10 }, () =>
    Promise.resolve(order.push('second')),
  );
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
});

test('two models do not wait for each other, and an error frees the lock', async () => {
  const home = homeAt(await temporaryFolder());
  const inner = () => withModelLock(home, 'churn', { verb: 'etl', waitMs: 0 }, () => Promise.resolve('ran'));
  expect(await withModelLock(home, 'shop', { verb: 'etl', waitMs: 0 }, inner)).toBe('ran');
  await expect(withModelLock(home, 'shop', { verb: 'etl' }, () => Promise.reject(new Error('fails')))).rejects.toThrow(
    'fails',
  );
  expect(await withModelLock(home, 'shop', { verb: 'etl', waitMs: 0 }, () => Promise.resolve('ran'))).toBe('ran');
});

test('a state folder that cannot be made gives STATE_UNWRITABLE', async () => {
  const file = path.join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  await expect(withModelLock(homeAt(file), 'shop', { verb: 'etl' }, () => Promise.resolve())).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
    message: expect.stringContaining(`${homeAt(file).locks} cannot be written: ENOTDIR`) as string,
    cause: expect.objectContaining({ code: 'ENOTDIR', syscall: 'mkdir' }) as unknown,
  });
});

test('a lock that cannot be opened gives STATE_UNWRITABLE, and is free once it can', async () => {
  const home = homeAt(await temporaryFolder());
  const inTheWay = path.join(home.locks, 'shop.lock');
  await mkdir(inTheWay, { recursive: true });
  const work = () => Promise.resolve('ran');
  await expect(withModelLock(home, 'shop', { verb: 'etl' }, work)).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
    message: expect.stringContaining(home.locks) as string,
    cause: expect.objectContaining({ code: 'ERR_SQLITE_ERROR' }) as unknown,
  });
  await rmdir(inTheWay);
  expect(await withModelLock(home, 'shop', { verb: 'etl', waitMs: 0 }, work)).toBe('ran');
});
