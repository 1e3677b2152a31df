import { expect, test } from 'vitest';
import { OrderError } from './errors.ts';
import { parseOrders } from './parse-orders.ts';

const file = (...rows: string[]) => ['id;sku;quantity;currency', ...rows, ''].join('\n');

test('every row under the heading is an order', () => {
  expect(parseOrders(file('a1;tea;2;EUR', ' a2 ; cup ; 1 ; CHF '))).toEqual([
    { id: 'a1', sku: 'tea', quantity: 2, currency: 'EUR' },
    { id: 'a2', sku: 'cup', quantity: 1, currency: 'CHF' },
  ]);
});

test('a file with nothing but its heading has no orders', () => {
  expect(parseOrders(file())).toEqual([]);
});

test.each([
  [';tea;2;EUR', 'INCOMPLETE', 'Row 3 has not all of id, sku, quantity and currency'],
  ['a2;;2;EUR', 'INCOMPLETE', 'Row 3 has not all of id, sku, quantity and currency'],
  ['a2;tea', 'INCOMPLETE', 'Row 3 has not all of id, sku, quantity and currency'],
  ['a2;tea;2', 'INCOMPLETE', 'Row 3 has not all of id, sku, quantity and currency'],
  ['a2;tea;two;EUR', 'BAD_QUANTITY', 'Row 3: two is not a number of pieces'],
  ['a2;tea;1.5;EUR', 'BAD_QUANTITY', 'Row 3: 1.5 is not a number of pieces'],
  ['a2;tea;0;EUR', 'BAD_QUANTITY', 'Row 3: 0 is not a number of pieces'],
  ['a2;tea;2;euro', 'BAD_CURRENCY', 'Row 3: euro is not a currency'],
  ['a2;tea;2;EURO', 'BAD_CURRENCY', 'Row 3: EURO is not a currency'],
  ['a2;tea;2;aEUR', 'BAD_CURRENCY', 'Row 3: aEUR is not a currency'],
])('the row %s is refused as %s', (row, code, message) => {
  const parse = () => parseOrders(file('a1;tea;1;EUR', row));
  expect(parse).toThrow(OrderError);
  expect(parse).toThrow(expect.objectContaining({ name: 'OrderError', code, message }));
});
