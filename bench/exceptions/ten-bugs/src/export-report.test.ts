import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { exportReport } from './export-report.ts';

test('the report is a table of all orders', async () => {
  const file = path.join(await temporaryFolder(), 'report.csv');
  const order = { sku: 'tea', quantity: 2, currency: 'EUR' };
  await exportReport(file, [
    { ...order, id: 'a1', cents: 900 },
    { ...order, id: 'a2', cents: 950 },
  ]);
  expect(await readFile(file, 'utf8')).toBe('id;sku;quantity;cents\na1;tea;2;900\na2;tea;2;950\n');
});
