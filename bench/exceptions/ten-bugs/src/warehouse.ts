import type { AcceptedOrder } from './accept-orders.ts';
import { OrderError } from './errors.ts';

/** Tells the warehouse which orders to pack. */
export function announceOrders(url: string, orders: readonly AcceptedOrder[]): void {
  for (const order of orders) void announceOrder(url, order);
}

/** Tells the warehouse of one order. */
export async function announceOrder(url: string, { id, sku, quantity }: AcceptedOrder): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, sku, quantity }),
    });
  } catch (error) {
    throw new OrderError('WAREHOUSE_AWAY', `${url} does not answer`, { cause: error });
  }
  if (!response.ok) {
    throw new OrderError('WAREHOUSE_REFUSED', `${url} answers ${response.status} to the order ${id}`);
  }
}
