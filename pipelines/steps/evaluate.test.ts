import { describe, expect, test } from 'vitest';
import {
  livingModel,
  NOW,
  preparedModel,
  TRAINER,
  type LivingModel,
  type ModelChange,
} from '../../tests/support/living-model.ts';
import type { KnownModel } from '../../tests/support/known-models.ts';
import { listRuns } from '../adapters/run-store.ts';
import { etl } from './etl.ts';
import { evaluate } from './evaluate.ts';
import { train } from './train.ts';

const withChampion = preparedModel((living) => living.turn());

/** Trains and judges; nothing is promoted. */
const challenge = (living: LivingModel, change: ModelChange = {}) =>
  living.run(async (context) => {
    const { asOf } = await etl(context, { now: NOW });
    await train(context, asOf);
    return await evaluate(context);
  }, change);

const trained = (model: KnownModel): ModelChange => ({
  manifest: { trainer: { command: TRAINER, parameters: { model } } },
});

describe('the gate answers', () => {
  test('promoted for a first model that is surely better than chance', async () => {
    const living = await livingModel();
    const { result } = await challenge(living);
    expect(result).toMatchObject({
      decision: 'promoted',
      challengerVersion: 'v1',
      holdout: { from: '2025-01-09', to: '2025-01-11' },
      challenger: { rows: 240 },
    });
    expect(result).toMatchObject({ championVersion: undefined, champion: undefined });
    expect(result.challenger.auc).toBeGreaterThan(0.8);
    // It is promote that changes the champion.
    expect(await living.run(({ registry }) => registry.alias('living', 'champion'))).toBeUndefined();
  });

  test('promoted for a challenger that is better than the champion on the same rows', async () => {
    const living = await withChampion();
    living.live(8, 'second');
    const { result } = await challenge(living);
    expect(result).toMatchObject({ decision: 'promoted', championVersion: 'v1', challengerVersion: 'v2' });
    expect([result.champion?.rows, result.challenger.rows]).toEqual([240, 240]);
    expect(result.champion?.positives).toBe(result.challenger.positives);
    expect(result.difference?.value).toBeCloseTo((result.challenger.auc ?? 0) - (result.champion?.auc ?? 0), 12);
    expect(result.difference?.low).toBeGreaterThan(0);
    expect(result.challenger.logLoss).toBeLessThan(result.champion?.logLoss ?? 0);
  });

  test('refused for a challenger that is worse, with the figures of both', async () => {
    const living = await withChampion();
    const { result } = await challenge(living, trained('second'));
    expect(result).toMatchObject({ decision: 'refused', championVersion: 'v1', challengerVersion: 'v2' });
    expect(result.difference?.high).toBeLessThan(0);
    expect(result.reasons.join()).toMatch(/AUC -0\.\d+ .*not better.*Log loss .*worse/);
  });

  test("refused for a challenger that is the champion's own file", async () => {
    const living = await withChampion();
    living.live(4, 'first');
    const { result } = await challenge(living);
    expect(result).toMatchObject({ decision: 'refused', reasons: [expect.stringContaining('own file')] });
  });

  test('insufficient-data for a holdout with too few rows of a class', async () => {
    const living = await livingModel();
    const { result } = await challenge(living, { manifest: { gate: { minClassRows: 1_000 } } });
    expect(result).toMatchObject({ decision: 'insufficient-data', reasons: [expect.stringContaining('needs 1000')] });
  });
});

describe('a champion whose feature', () => {
  test('the mart has lost is not compared with: the challenger is judged as a first model', async () => {
    const living = await withChampion();
    const { result } = await challenge(living, {
      martSql: 'SELECT customer, max(x0) AS x0, max(x1) AS taste FROM visits GROUP BY customer',
      manifest: { features: { x0: { type: 'number' }, taste: { type: 'number' } } },
    });
    expect(result).toMatchObject({ decision: 'promoted', championVersion: 'v1', challengerVersion: 'v2' });
    expect(result.champion).toBeUndefined();
    expect(result.reasons.at(-1)).toMatch(/^v1 cannot be compared with: the mart has no x1 any more/);
  });

  test('has another type now is not compared with either', async () => {
    const living = await withChampion();
    const { result } = await challenge(living, {
      ...trained('first'),
      martSql: `SELECT customer, max(x0) AS x0, if(max(x1) > 0, 'much', 'little') AS x1 FROM visits GROUP BY customer`,
      manifest: {
        ...trained('first').manifest,
        features: { x0: { type: 'number' }, x1: { type: 'category', values: ['little', 'much'] } },
      },
    });
    expect(result).toMatchObject({ decision: 'promoted', championVersion: 'v1' });
    expect(result.reasons.at(-1)).toMatch(/^v1 cannot be compared with: .* x1 /);
  });
});

describe('a challenger is judged once', () => {
  test('and its own promotion does not change the judgement', async () => {
    const living = await withChampion();
    const again = await living.run(evaluate);
    expect(again).toMatchObject({ fresh: false, result: { decision: 'promoted', challengerVersion: 'v1' } });
    expect(await listRuns(living.home, 'living', 'evaluate')).toHaveLength(1);
  });

  test('and anew under other thresholds', async () => {
    const living = await livingModel();
    await challenge(living);
    const { result, fresh } = await challenge(living, { manifest: { gate: { minClassRows: 1_000 } } });
    expect([fresh, result.decision]).toEqual([true, 'insufficient-data']);
  });

  test('and anew as another version, even where its file is the same', async () => {
    const living = await livingModel();
    const strict = { gate: { minClassRows: 1_000 } };
    await challenge(living, { manifest: strict });
    const { result } = await challenge(living, { manifest: { ...strict, window: { days: 3, holdoutDays: 2 } } });
    expect(result.challengerVersion).toBe('v2');
  });
});

describe('a challenger that is named', () => {
  test('is judged though another was trained since, on its own holdout days', async () => {
    const living = await withChampion();
    living.live(4, 'first');
    await challenge(living, trained('second'));
    living.live(4, 'first');
    await challenge(living, trained('second'));
    const { result, judgement, fresh } = await living.run((context) => evaluate(context, 'v2'), trained('second'));
    expect(result).toMatchObject({ challengerVersion: 'v2', holdout: { from: '2025-01-13', to: '2025-01-15' } });
    const known = (await listRuns(living.home, 'living', 'evaluate')).find(({ id }) => id === judgement);
    expect([fresh, known?.asOf]).toEqual([false, '2025-01-16']);
  });

  test('and was never trained is told so', async () => {
    const living = await withChampion();
    await expect(living.run((context) => evaluate(context, 'v9'))).rejects.toMatchObject({
      code: 'TRAINING_DATA_MISSING',
      message: 'v9 of living has not been trained yet.',
    });
  });
});

test('nothing trained yet is told so', async () => {
  const living = await livingModel({ days: 3 });
  await expect(living.run(evaluate)).rejects.toMatchObject({
    code: 'TRAINING_DATA_MISSING',
    hint: expect.stringContaining('cleaver train') as string,
  });
});
