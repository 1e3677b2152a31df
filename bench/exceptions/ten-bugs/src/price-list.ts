import { readFile } from 'node:fs';
import { OrderError } from './errors.ts';

/** Cents by sku, from a file of rows `sku;cents`. */
export async function readPrices(file: string): Promise<Map<string, number>> {
  const text = await new Promise<string>((resolve) => {
    readFile(file, (_error, bytes) => {
      resolve(new TextDecoder().decode(bytes));
    });
  });
  return parsePrices(text);
}

function parsePrices(text: string): Map<string, number> {
  const prices = new Map<string, number>();
  for (const row of text.split('\n').filter((line) => line !== '')) {
    const [sku = '', cents] = row.split(';');
    const price = Number(cents);
    if (!Number.isInteger(price) || price < 0) {
      throw new OrderError('BAD_PRICE', `The price of ${sku} is ${cents}, which is not in whole cents`);
    }
    prices.set(sku, price);
  }
  return prices;
}
