import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { warehouseServer } from '../test/warehouse-server.ts';
import { importOrders, type Shop } from './import-orders.ts';
import { loadOrders } from './order-store.ts';
import { Stock } from './stock.ts';

async function shopWith(...rows: string[]): Promise<{ shop: Shop; received: unknown[] }> {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'inbox'));
  await writeFile(path.join(folder, 'inbox', 'monday.csv'), ['id;sku;quantity;currency', ...rows, ''].join('\n'));
  await writeFile(path.join(folder, 'prices.csv'), 'tea;450\ncup;700\n');
  const { url, received } = await warehouseServer();
  const stock = new Stock({ tea: 10, cup: 10 });
  return { shop: { folder, warehouse: url, rates: () => Promise.resolve(2), stock, log: () => undefined }, received };
}

test('new orders are stored, announced and reported', async () => {
  const { shop, received } = await shopWith('a1;tea;2;EUR', 'a2;pot;1;EUR', 'a3;cup;1;CHF');
  const judged = await importOrders(shop);
  expect(judged?.accepted.map(({ id, cents }) => [id, cents])).toEqual([
    ['a1', 900],
    ['a3', 1400],
  ]);
  expect(judged?.refused).toEqual([{ id: 'a2', code: 'NOT_LISTED' }]);
  expect(await loadOrders(path.join(shop.folder, 'orders.json'))).toEqual(judged?.accepted);
  expect(await readFile(path.join(shop.folder, 'report.csv'), 'utf8')).toContain('\na3;cup;1;1400\n');
  await vi.waitFor(() => {
    expect(received).toHaveLength(2);
  });
});

test('a second import adds only what is new', async () => {
  const { shop, received } = await shopWith('a1;tea;2;EUR');
  await importOrders(shop);
  await mkdir(path.join(shop.folder, 'journal'));
  await writeFile(path.join(shop.folder, 'inbox', 'tuesday.csv'), 'id;sku;quantity;currency\na4;tea;1;EUR\n');
  const judged = await importOrders(shop);
  expect(judged?.accepted.map(({ id }) => id)).toEqual(['a4']);
  expect((await loadOrders(path.join(shop.folder, 'orders.json'))).map(({ id }) => id)).toEqual(['a1', 'a4']);
  expect(await readFile(path.join(shop.folder, 'journal', 'orders.log'), 'utf8')).toBe('a4 450\n');
  expect((await readFile(path.join(shop.folder, 'report.csv'), 'utf8')).split('\n')).toHaveLength(4);
  expect(shop.stock.leftOf('tea')).toBe(7);
  await vi.waitFor(() => {
    expect(received).toHaveLength(2);
  });
});
