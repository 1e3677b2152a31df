import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Order } from './parse-orders.ts';
import { readOrders } from './read-orders.ts';

/** The orders of all files in the folder, in the order of their names. */
export async function importFolder(folder: string, log: (line: string) => void): Promise<Order[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.csv')).sort();
  const orders: Order[] = [];
  for (const name of names) {
    try {
      orders.push(...(await readOrders(path.join(folder, name))));
    } catch (error) {
      log(`${name}: ${String(error)}`);
    }
  }
  return orders;
}
