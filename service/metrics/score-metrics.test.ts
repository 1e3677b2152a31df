import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { scoreMetrics } from './score-metrics.ts';

test('scores are counted by model, version and role, each in the bucket that it falls into', async () => {
  const registry = new Registry();
  const metrics = scoreMetrics([registry]);
  const [v1, v2] = ['v1', 'v2'].map((version) => ({ model: 'shop', version })) as [Named, Named];
  metrics.rows(v1, Float32Array.of(0, 0.04, 0.06, 0.5, 1), false);
  metrics.rows(v2, Float32Array.of(0.97), true);
  metrics.rows(v1, Float32Array.of(0.97), false);
  metrics.shadow(v2, Float32Array.of(0.3, 0.97));
  const page = (await registry.metrics()).split('\n');
  const bucket = (le: number, version: string, role: string) =>
    page
      .find((line) =>
        line.startsWith(`cleaver_scores_bucket{le="${le}",model="shop",version="${version}",role="${role}"}`),
      )
      ?.split(' ')[1];
  expect([0.05, 0.1, 0.45, 0.5, 0.95, 1].map((le) => bucket(le, 'v1', 'answer'))).toEqual([
    '2',
    '3',
    '3',
    '4',
    '4',
    '6',
  ]);
  expect([0.95, 1].map((le) => bucket(le, 'v2', 'answer'))).toEqual(['0', '1']);
  expect([0.25, 0.95, 1].map((le) => bucket(le, 'v2', 'shadow'))).toEqual(['0', '1', '2']);
  expect(page.filter((line) => line.startsWith('cleaver_scores_bucket{')).length).toBe(3 * 21);
  expect(page).toEqual(
    expect.arrayContaining([
      'cleaver_rows_scored_total{model="shop",version="v1"} 6',
      'cleaver_rows_scored_total{model="shop",version="v2"} 1',
      'cleaver_canary_rows_total{model="shop"} 1',
      'cleaver_shadow_rows_total{model="shop"} 2',
    ]),
  );
});

interface Named {
  model: string;
  version: string;
}
