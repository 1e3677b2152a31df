import { expect, test } from 'vitest';
import { acceptOrders } from './accept-orders.ts';
import { Stock } from './stock.ts';

const order = (id: string, sku = 'tea', currency = 'EUR') => ({ id, sku, quantity: 2, currency });
const prices = new Map([
  ['tea', 450],
  ['cup', 0],
]);
const rates = () => Promise.resolve(1.0555);

test('an order costs its pieces at the rate of its currency, in whole cents', async () => {
  const stock = new Stock({ tea: 10, cup: 10 });
  expect(
    await acceptOrders([order('a1'), order('a2', 'tea', 'CHF'), order('a3', 'cup')], { prices, rates, stock }),
  ).toEqual({
    accepted: [
      { ...order('a1'), cents: 900 },
      { ...order('a2', 'tea', 'CHF'), cents: 950 },
      { ...order('a3', 'cup'), cents: 0 },
    ],
    refused: [],
  });
  expect([stock.leftOf('tea'), stock.leftOf('cup')]).toEqual([6, 8]);
});

test('an order of what is not in the price list is refused, and takes nothing out', async () => {
  const stock = new Stock({ tea: 10, pot: 10 });
  const judged = await acceptOrders([order('a1', 'pot'), order('a2')], { prices, rates, stock });
  expect(judged.refused).toEqual([{ id: 'a1', code: 'NOT_LISTED' }]);
  expect(judged.accepted.map(({ id }) => id)).toEqual(['a2']);
  expect(stock.leftOf('pot')).toBe(10);
});

test('a mistake of ours is not the fault of an order', async () => {
  const stock = {
    take() {
      throw new RangeError('too deep');
    },
  };
  await expect(acceptOrders([order('a1')], { prices, rates, stock })).rejects.toThrow(new RangeError('too deep'));
});
