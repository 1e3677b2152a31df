import { open } from 'node:fs/promises';
import { OrderError } from './errors.ts';
import { parseOrders, type Order } from './parse-orders.ts';

/** The orders of one file of a supplier. */
export async function readOrders(file: string): Promise<Order[]> {
  let text: string;
  try {
    const handle = await open(file);
    text = await handle.readFile('utf8');
    await handle.close();
  } catch (error) {
    throw new OrderError('UNREADABLE', `${file} cannot be read`, { cause: error });
  }
  return parseOrders(text);
}
