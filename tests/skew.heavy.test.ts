import { expect, onTestFinished, test } from 'vitest';
import { readFeatureRows } from '../pipelines/adapters/feature-rows.ts';
import { openStage } from '../pipelines/adapters/stage.ts';
import type { FeatureRow } from '../pipelines/core/features.ts';
import { startServer } from '../service/server.ts';
import { readSettings } from '../service/settings.ts';
import { rowsOfFile } from './support/delivered.ts';
import { livingModel } from './support/living-model.ts';

const CUSTOMERS = 10_000;
const AT_ONCE = 500;

/** Features of every kind: bounded in each way, with missing values, with categories that the manifest does not name. */
const MART_SQL = `SELECT customer,
    max_by(x0, seen_at) AS x0,
    max_by(x1, seen_at) AS x1,
    max_by(x0 * x1 * 1e6, seen_at) AS product,
    max_by(CASE WHEN x0 > 1.2 THEN NULL ELSE x0 END, seen_at) AS sparse,
    max_by(CASE WHEN x1 > 1.5 THEN NULL WHEN x1 > 0.5 THEN 'high' WHEN x1 > -1.5 THEN 'low' ELSE 'o''clock' END, seen_at) AS level
  FROM visits GROUP BY customer`;
const manifest = {
  features: {
    x0: { type: 'number' as const, range: { min: -1.3, max: 1.3, outside: 'clip' as const } },
    x1: { type: 'number' as const, range: { max: 1.7, outside: 'missing' as const } },
    product: { type: 'number' as const, range: { min: -1e9, outside: 'refuse' as const } },
    sparse: { type: 'number' as const },
    level: { type: 'category' as const, values: ['low', 'high', "o'clock"] },
  },
  // The default: LightGBM.
  trainer: { parameters: { num_iterations: 50 } },
};

test('10,000 entities score the same from the mart and by request, bit for bit', async () => {
  const living = await livingModel({ customers: CUSTOMERS });
  const change = { manifest, martSql: MART_SQL };
  await living.writeFolder(change);
  const { deliver } = await living.turn(change);
  const asOf = deliver?.asOf ?? '';
  const fromMart = await rowsOfFile(living.home, 'living', asOf, 'parquet');
  expect(fromMart).toHaveLength(CUSTOMERS);
  expect(new Set(fromMart.map(({ score }) => score)).size).toBeGreaterThan(1000);

  const reader = await openStage(':memory:', { scratch: living.home.work });
  const server = await startServer({ home: living.home, port: 0, settings: readSettings({}), log: () => undefined });
  onTestFinished(async () => {
    await server.close();
    await reader.close();
  });
  const rows = await readFeatureRows(reader, living.home, living.modelWith(change), asOf);
  const differing: unknown[] = [];
  for (let from = 0; from < CUSTOMERS; from += AT_ONCE) {
    const delivered = fromMart.slice(from, from + AT_ONCE);
    const scores = await predict(
      server.url,
      delivered.map(({ entity_id }) => rows.get(entity_id) ?? {}),
    );
    differing.push(
      ...delivered.flatMap(({ score, entity_id }, index) =>
        score === scores[index] ? [] : [[entity_id, score, scores[index], rows.get(entity_id)]],
      ),
    );
  }
  expect(differing).toEqual([]);
});

async function predict(url: string, rows: FeatureRow[]): Promise<number[]> {
  const response = await fetch(`${url}/predict/living`, { method: 'POST', body: JSON.stringify({ rows }) });
  const { predictions } = (await response.json()) as { predictions: { score: number }[] };
  return predictions.map(({ score }) => score);
}
