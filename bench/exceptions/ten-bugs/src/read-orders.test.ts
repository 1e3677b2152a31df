import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { readOrders } from './read-orders.ts';

test('the orders of a file are read', async () => {
  const file = path.join(await temporaryFolder(), 'orders.csv');
  await writeFile(file, 'id;sku;quantity;currency\na1;thé;2;EUR\n');
  expect(await readOrders(file)).toEqual([{ id: 'a1', sku: 'thé', quantity: 2, currency: 'EUR' }]);
});

test('a file that is not there cannot be read', async () => {
  const file = path.join(await temporaryFolder(), 'orders.csv');
  await expect(readOrders(file)).rejects.toMatchObject({
    code: 'UNREADABLE',
    message: `${file} cannot be read`,
    cause: { code: 'ENOENT' },
  });
});

test('a file with a wrong row is refused for that row', async () => {
  const file = path.join(await temporaryFolder(), 'orders.csv');
  await writeFile(file, 'id;sku;quantity;currency\na1;tea;none;EUR\n');
  await expect(readOrders(file)).rejects.toMatchObject({ code: 'BAD_QUANTITY' });
});
