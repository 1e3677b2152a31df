import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { addDays } from '../../pipelines/core/days.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** 300 customers over 130 days; each orders on every nth day, from every fourth day to about every second month. */
function orders(): string {
  const lines = ['customer_id,ordered_at,amount'];
  for (let day = 0; day < 130; day += 1) {
    for (let customer = 0; customer < 300; customer += 1) {
      if ((day + customer) % (4 + (customer % 60)) !== 0) continue;
      lines.push(`${customer},${addDays('2025-01-01', day)}T09:30:00Z,${10 + (customer % 7)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

test('a new folder with a CSV file in it goes through the whole loop as it stands, by the default trainer', async () => {
  const root = await temporaryFolder();
  const made = await runCli(root, ['new', 'next-order', '--json']);
  const folder = path.join(root, 'models', 'next-order');
  expect(made).toMatchObject({ status: 0, json: { outcome: 'done', folder } });
  expect((await readdir(folder)).sort()).toEqual(['README.md', 'label.sql', 'mart.sql', 'model.ts']);
  await mkdir(path.join(folder, 'data'));
  await writeFile(path.join(folder, 'data', 'orders.csv'), orders());
  const { status, json, stderr } = await runCli(root, ['loop', '--json']);
  expect({ status, json }).toMatchObject({
    status: 0,
    json: {
      outcome: 'done',
      asOf: '2025-05-10',
      evaluate: { decision: 'promoted' },
      deliver: { files: 300, table: 300, version: 'v1' },
    },
  });
  expect(stderr).toContain('training on');
});
