import { createWriteStream } from 'node:fs';
import type { AcceptedOrder } from './accept-orders.ts';

/** Writes the orders for the accountants, and settles when the file is whole. */
export async function exportReport(file: string, orders: readonly AcceptedOrder[]): Promise<void> {
  const stream = createWriteStream(file);
  const written = new Promise<void>((resolve) => {
    const settle = () => {
      resolve();
    };
    stream.once('finish', settle);
    stream.once('error', settle);
  });
  stream.write('id;sku;quantity;cents\n');
  for (const { id, sku, quantity, cents } of orders) stream.write(`${id};${sku};${quantity};${cents}\n`);
  stream.end();
  await written;
}
