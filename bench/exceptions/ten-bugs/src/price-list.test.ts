import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { readPrices } from './price-list.ts';

async function fileOf(text: string): Promise<string> {
  const file = path.join(await temporaryFolder(), 'prices.csv');
  await writeFile(file, text);
  return file;
}

test('every row is the price of a sku', async () => {
  expect(await readPrices(await fileOf('tea;450\nsample;0\n'))).toEqual(
    new Map([
      ['tea', 450],
      ['sample', 0],
    ]),
  );
});

test.each(['4.50', '-1', 'free'])('%s is not a price', async (cents) => {
  await expect(readPrices(await fileOf(`tea;${cents}\n`))).rejects.toMatchObject({
    code: 'BAD_PRICE',
    message: `The price of tea is ${cents}, which is not in whole cents`,
  });
});
