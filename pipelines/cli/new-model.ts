import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { modelsFolder } from '../config.ts';
import { CleaverError } from '../core/errors.ts';
import type { Answer } from './program.ts';

/** Makes `models/<name>` with a manifest, two queries and a card to fill in. Error: OPTION_INVALID. */
export async function newModel(name: string): Promise<Answer> {
  const folder = path.join(modelsFolder(), name);
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw new CleaverError('OPTION_INVALID', `${JSON.stringify(name)} cannot be the name of a model.`, {
      hint: 'Use lower case letters, digits and dashes: `churn`, `next-order`.',
    });
  }
  if (existsSync(folder)) {
    throw new CleaverError('OPTION_INVALID', `${folder} is there already.`, {
      hint: 'Choose another name, or change what is there.',
    });
  }
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(templates(name))) await writeFile(path.join(folder, file), text);
  const next = `Fill in model.ts, mart.sql and label.sql, then run: npx cleaver loop --model ${name}`;
  return { json: { outcome: 'done', folder }, text: `${folder} is made. ${next}` };
}

function templates(name: string): Record<string, string> {
  const manifest = path.relative(
    path.join(modelsFolder(), name),
    path.join(import.meta.dirname, '..', 'core', 'manifest.ts'),
  );
  return {
    'model.ts': `import { defineModel } from '${manifest.split(path.sep).join('/')}';

export default defineModel({
  title: 'Who orders within 30 days',
  source: {
    // postgres://user:password@host/database, sqlite:<file> or files:<folder of CSV or Parquet>
    url: process.env['CLEAVER_SOURCE'] ?? 'files:data',
    tables: { orders: { time: 'ordered_at' } },
  },
  entity: 'customer_id',
  features: {
    orders_90d: { type: 'number' },
    days_since_order: { type: 'number' },
  },
  label: { maturityDays: 30 },
});
`,
    'mart.sql': `-- One row for each customer known at the end of the day as_of(). The tables hold only what was known by then.
SELECT
  customer_id,
  count(*) FILTER (WHERE ordered_at >= as_of() - INTERVAL 90 DAY) AS orders_90d,
  date_diff('day', max(ordered_at)::DATE, as_of()) AS days_since_order
FROM orders
GROUP BY customer_id
`,
    'label.sql': `-- 1 for each customer who orders in the maturityDays after as_of(); who is not named here has the label 0.
SELECT customer_id, 1 AS label, count(*) AS value
FROM orders
WHERE ordered_at >= as_of() + INTERVAL 1 DAY
GROUP BY customer_id
`,
    'README.md': `# ${name}

What it predicts, for whom, and what is done with it. What it must not be used for. Who answers questions about it.
`,
  };
}
