import { expect, test } from 'vitest';
import { OrderError } from './errors.ts';
import { Stock } from './stock.ts';

const order = (quantity: number) => ({ id: 'a1', sku: 'tea', quantity, currency: 'EUR' });

test('an order takes its pieces out', () => {
  const stock = new Stock({ tea: 5, cup: 1 });
  stock.take(order(3));
  expect(stock.leftOf('tea')).toBe(2);
  expect(stock.leftOf('cup')).toBe(1);
});

test('the last piece can be sold', () => {
  const stock = new Stock({ tea: 5 });
  stock.take(order(5));
  expect(stock.leftOf('tea')).toBe(0);
});

test('there is nothing left of what was never there', () => {
  expect(new Stock({}).leftOf('tea')).toBe(0);
});

test('an order of more than there is does not go through', () => {
  const stock = new Stock({ tea: 2 });
  try {
    stock.take(order(3));
  } catch (error) {
    expect(error).toBeInstanceOf(OrderError);
  }
});
