import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  livingModel,
  NOW,
  preparedModel,
  TRAINER,
  type LivingModel,
  type ModelChange,
} from '../../tests/support/living-model.ts';
import { openStage } from '../adapters/stage.ts';
import { listRuns } from '../adapters/run-store.ts';
import { addDays, daysBetween } from '../core/days.ts';
import { etl } from './etl.ts';
import { train } from './train.ts';

/** Twelve days, their mart built. */
const withMart = preparedModel((living) => living.run((context) => etl(context, { now: NOW })));

const trainNewest = (living: LivingModel, change: ModelChange = {}) =>
  living.run(async (context) => {
    const { asOf } = await etl(context, { now: NOW });
    return await train(context, asOf);
  }, change);

/** The usual trainer, with JavaScript around it. */
const trainerWith = (before: string, after = ''): ModelChange => ({
  manifest: {
    trainer: {
      command: [
        process.execPath,
        '--input-type=module',
        '-e',
        `import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'; ${before}; await import('${TRAINER[1] ?? ''}'); ${after}`,
      ],
    },
  },
});

const changeMetrics = (change: string) =>
  trainerWith(
    '',
    `const file = JSON.parse(readFileSync('metrics.json')); const { scores } = file; ${change}; writeFileSync('metrics.json', JSON.stringify(file));`,
  );

test('a challenger is registered with its window, its rows and its parity', async () => {
  const living = await withMart();
  const { result, fresh } = await trainNewest(living);
  expect(fresh).toBe(true);
  // Twelve days: the newest mature is the 10th, two are the holdout, and two lie between it and the window.
  expect(result).toMatchObject({
    version: 'v1',
    asOf: '2025-01-12',
    window: { from: '2025-01-03', to: '2025-01-07' },
    holdout: { from: '2025-01-09', to: '2025-01-11' },
    rows: 4 * 120,
  });
  expect(result.parity).toBeGreaterThan(0);
  expect(result.parity).toBeLessThan(1e-6);
  await living.run(async ({ registry }) => {
    expect(await registry.alias('living', 'challenger')).toBe('v1');
    expect(await registry.alias('living', 'champion')).toBeUndefined();
    expect(await registry.version('living', 'v1')).toMatchObject({
      features: living.modelWith().manifest.features,
      rows: 480,
    });
  });
});

test.each([
  { maturityDays: 1, holdoutDays: 1, days: 3 },
  { maturityDays: 2, holdoutDays: 3, days: 4 },
  { maturityDays: 4, holdoutDays: 2, days: 20 },
])('no label of train.parquet matured after the holdout began: $maturityDays, $holdoutDays, $days', async (lengths) => {
  const { maturityDays, holdoutDays, days } = lengths;
  const living = await livingModel({ days: 14, customers: 60 });
  const kept = path.join(living.root, 'kept.parquet');
  const change: ModelChange = {
    // The day itself as a feature, so that the file tells of which days its rows are.
    martSql: `SELECT DISTINCT customer, date_diff('day', DATE '2025-01-01', as_of()) AS x0, 0 AS x1 FROM visits`,
    manifest: {
      ...trainerWith(`copyFileSync('train.parquet', '${kept}')`).manifest,
      label: { maturityDays },
      window: { days, holdoutDays },
    },
  };
  const { result } = await trainNewest(living, change);
  const reader = await openStage(':memory:', { scratch: living.root });
  const [span] = await reader.rows<{ first: number; last: number; days: number }>(
    `SELECT min(x0)::INT AS first, max(x0)::INT AS last, count(DISTINCT x0) AS days FROM '${kept}'`,
  );
  await reader.close();
  const [first, last] = [addDays('2025-01-01', span?.first ?? 0), addDays('2025-01-01', span?.last ?? 0)];
  expect(addDays(last, maturityDays) < result.holdout.from).toBe(true);
  expect(daysBetween(result.holdout.from, addDays(result.asOf, -maturityDays)) + 1).toBe(holdoutDays);
  expect({ from: first, to: addDays(last, 1) }).toEqual(result.window);
  expect(span?.days).toBeLessThanOrEqual(days);
});

describe('the same work is done once', () => {
  test('the same window, parameters and trainer are trained once, whatever the time limit', async () => {
    const living = await withMart();
    const first = await trainNewest(living);
    const longer = { manifest: { trainer: { command: TRAINER, timeLimitSeconds: 7 } } };
    for (const change of [{}, longer])
      expect(await trainNewest(living, change)).toEqual({ result: first.result, fresh: false });
    expect(await listRuns(living.home, 'living', 'train')).toHaveLength(1);
  });

  test.each([
    ['other parameters', { trainer: { command: TRAINER, parameters: { model: 'second' } } }],
    ['another command', { trainer: { command: [...TRAINER, 'again'] } }],
  ])('%s are trained anew', async (_, manifest) => {
    const living = await withMart();
    await trainNewest(living);
    const { result, fresh } = await trainNewest(living, { manifest });
    expect([fresh, result.version]).toEqual([true, 'v2']);
  });

  test('a version that was lost from the registry is trained again', async () => {
    const living = await withMart();
    await trainNewest(living);
    await rm(living.home.registry, { recursive: true });
    expect(await trainNewest(living)).toMatchObject({ fresh: true, result: { version: 'v1' } });
  });
});

describe('what cannot be trained leaves no version', () => {
  test.each<[string, ModelChange, string, RegExp]>([
    [
      'scores that the model does not give',
      changeMetrics('file.scores = scores.map((score) => score + 1e-3)'),
      'MODEL_PARITY_FAILED',
      /differs .* by 0\.001/,
    ],
    ['scores in another order', changeMetrics('scores.reverse()'), 'MODEL_PARITY_FAILED', /differs/],
    ['fewer scores than it should', changeMetrics('scores.pop()'), 'TRAINER_OUTPUT_INVALID', /should have/],
  ])('a trainer that leaves %s', async (_, change, code, message) => {
    const living = await withMart();
    await expectRefused(living, change, code, message);
  });

  test('a model that gives NaN in the middle, where its trainer does not', async () => {
    const living = await livingModel();
    living.alter(`UPDATE visits SET x0 = NULL WHERE customer LIKE 'c%5'`);
    const change = changeMetrics('file.scores = scores.map((score) => score ?? 0.5)');
    await expectRefused(living, change, 'MODEL_PARITY_FAILED', /by NaN/);
  });

  test('labels of one class', async () => {
    const living = await livingModel();
    living.alter('UPDATE visits SET bought = 0');
    await expectRefused(living, {}, 'LABEL_ONE_CLASS', /All 480 labels .* are 0/);
    living.alter('UPDATE visits SET bought = 1');
    const another = { labelSql: 'SELECT DISTINCT customer, 1 AS label FROM visits' };
    await expectRefused(living, another, 'LABEL_ONE_CLASS', /All 480 labels .* are 1/);
  });

  test('a source with too few days', async () => {
    const living = await livingModel({ days: 5 });
    await expectRefused(living, {}, 'TRAINING_DATA_MISSING', /mature labels begin with 2025-01-02/);
  });

  test('a mart without any mature label', async () => {
    const living = await livingModel({ days: 3 });
    await expectRefused(living, {}, 'TRAINING_DATA_MISSING', /no day has a mature label/);
  });
});

async function expectRefused(living: LivingModel, change: ModelChange, code: string, message: RegExp): Promise<void> {
  await expect(trainNewest(living, change)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
  expect(await listRuns(living.home, 'living', 'train')).toEqual([]);
  expect(await living.run(({ registry }) => registry.versions('living'))).toEqual([]);
}
