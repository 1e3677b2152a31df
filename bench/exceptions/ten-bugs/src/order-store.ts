import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { AcceptedOrder } from './accept-orders.ts';
import { OrderError } from './errors.ts';

/** All orders so far; none before the first. */
export async function loadOrders(file: string): Promise<AcceptedOrder[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as AcceptedOrder[];
  } catch {}
  return [];
}

/** Replaces the file as a whole or leaves it as it was. */
export async function saveOrders(file: string, orders: readonly AcceptedOrder[]): Promise<void> {
  const temporary = `${file}.new`;
  try {
    await writeFile(temporary, JSON.stringify(orders));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new OrderError('NOT_SAVED', `${file} cannot be written`, { cause: error });
  }
}
