import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { loadOrders, saveOrders } from './order-store.ts';

const ORDER = { id: 'a1', sku: 'tea', quantity: 2, currency: 'EUR', cents: 900 };

test('there are no orders before the first', async () => {
  expect(await loadOrders(path.join(await temporaryFolder(), 'orders.json'))).toEqual([]);
});

test('what was saved is loaded, and nothing lies beside it', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'orders.json');
  await saveOrders(file, []);
  await saveOrders(file, [ORDER]);
  expect(await loadOrders(file)).toEqual([ORDER]);
  expect(await readdir(folder)).toEqual(['orders.json']);
});

test('where the orders cannot be replaced, the old ones stay', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'orders.json');
  await mkdir(file);
  await writeFile(path.join(file, 'old'), '');
  await expect(saveOrders(file, [ORDER])).rejects.toMatchObject({
    code: 'NOT_SAVED',
    message: `${file} cannot be written`,
    cause: { syscall: 'rename' },
  });
  expect(await readdir(folder)).toEqual(['orders.json']);
});

test('orders cannot be saved where there is no folder', async () => {
  const file = path.join(await temporaryFolder(), 'away', 'orders.json');
  await expect(saveOrders(file, [ORDER])).rejects.toMatchObject({ code: 'NOT_SAVED', cause: { code: 'ENOENT' } });
});
