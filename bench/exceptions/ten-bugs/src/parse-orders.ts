import { OrderError } from './errors.ts';

export interface Order {
  id: string;
  sku: string;
  quantity: number;
  /** As in ISO 4217. */
  currency: string;
}

/** Rows of `id;sku;quantity;currency` under a heading. Throws an OrderError that names the row. */
export function parseOrders(text: string): Order[] {
  const [, ...rows] = text.trimEnd().split('\n');
  return rows.map((row, index) => parseOrder(row, index + 2));
}

function parseOrder(row: string, number: number): Order {
  const [id, sku, quantity, currency] = row.split(';').map((field) => field.trim());
  if (!id || !sku || !quantity || !currency) {
    throw new OrderError('INCOMPLETE', `Row ${number} has not all of id, sku, quantity and currency`);
  }
  const pieces = Number(quantity);
  if (!Number.isInteger(pieces) || pieces < 1) {
    throw new OrderError('BAD_QUANTITY', `Row ${number}: ${quantity} is not a number of pieces`);
  }
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new OrderError('BAD_CURRENCY', `Row ${number}: ${currency} is not a currency`);
  }
  return { id, sku, quantity: pieces, currency };
}
