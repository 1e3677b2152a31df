import { expect, test, vi } from 'vitest';
import { warehouseServer } from '../test/warehouse-server.ts';
import { announceOrder, announceOrders } from './warehouse.ts';

const order = (id: string) => ({ id, sku: 'tea', quantity: 2, currency: 'EUR', cents: 900 });
const request = (id: string) => ({
  method: 'POST',
  type: 'application/json',
  body: { id, sku: 'tea', quantity: 2 },
});

test('the warehouse learns what to pack', async () => {
  const { url, received } = await warehouseServer();
  await announceOrder(url, order('a1'));
  expect(received).toEqual([request('a1')]);
});

test('the warehouse learns of every order', async () => {
  const { url, received } = await warehouseServer();
  announceOrders(url, [order('a1'), order('a2')]);
  await vi.waitFor(() => {
    expect(received).toHaveLength(2);
  });
  expect(received).toEqual(expect.arrayContaining([request('a1'), request('a2')]));
});

test('a warehouse that refuses an order is an error with its answer', async () => {
  const { url } = await warehouseServer(409);
  await expect(announceOrder(url, order('a1'))).rejects.toMatchObject({
    code: 'WAREHOUSE_REFUSED',
    message: `${url} answers 409 to the order a1`,
  });
});

test('a warehouse that is closed is away', async () => {
  const { url, close } = await warehouseServer();
  close();
  await expect(announceOrder(url, order('a1'))).rejects.toMatchObject({
    code: 'WAREHOUSE_AWAY',
    message: `${url} does not answer`,
    cause: { cause: { code: 'ECONNREFUSED' } },
  });
});
