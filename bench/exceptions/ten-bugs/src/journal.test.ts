import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { noteOrders } from './journal.ts';

test('every order adds a line', async () => {
  const file = path.join(await temporaryFolder(), 'orders.log');
  const order = { sku: 'tea', quantity: 2, currency: 'EUR' };
  await noteOrders(file, [{ ...order, id: 'a1', cents: 900 }]);
  await noteOrders(file, [
    { ...order, id: 'a2', cents: 950 },
    { ...order, id: 'a3', cents: 0 },
  ]);
  expect(await readFile(file, 'utf8')).toBe('a1 900\na2 950\na3 0\n');
});
