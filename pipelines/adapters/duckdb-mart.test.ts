import { readdir } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { smallModel } from '../../tests/support/model.ts';
import { rowSource, type Rows } from '../../tests/support/row-source.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import type { Model } from '../config.ts';
import { addDays } from '../core/days.ts';
import { encodeRows } from '../core/features.ts';
import { openDuckdbMart } from './duckdb-mart.ts';
import { readFeatureRows } from './feature-rows.ts';
import { homeAt } from './home.ts';
import { martFiles } from './mart-files.ts';
import { openOutcomes } from './outcomes.ts';
import { openStage } from './stage.ts';

const START = '2025-01-01';

async function openMart(model: Model = smallModel()) {
  const home = homeAt(await temporaryFolder());
  const reader = await openStage(':memory:', { scratch: path.join(home.root, 'reader') });
  const mart = openDuckdbMart(home, model, reader);
  onTestFinished(async () => {
    await mart.close();
    await reader.close();
  });
  return { home, mart, model, reader };
}

const ORDERS: Rows = {
  orders: [
    { customer: 'anna', ordered_at: '2025-01-01 09:00:00', amount: 10, kind: 'a' },
    { customer: 'anna', ordered_at: '2025-01-04 23:59:59', amount: 5, kind: 'b' },
    { customer: 'bert', ordered_at: '2025-01-04 00:00:00', amount: 7, kind: 'c' },
    { customer: 'cleo', ordered_at: '2025-01-05 00:00:00', amount: 1, kind: 'a' },
  ],
};

describe('a day of the mart', () => {
  test('holds what was known by its end, and nothing of the day after', async () => {
    const { home, mart, model, reader } = await openMart();
    await mart.stage(rowSource(ORDERS), '2025-01-07');
    expect(await mart.buildFeatures('2025-01-04')).toBe(2);
    const rows = await readFeatureRows(reader, home, model, '2025-01-04');
    expect(rows.get('anna')).toEqual({ orders: 2, days_since_order: 0, newest: 'b' });
    expect(rows.get('bert')).toEqual({ orders: 1, days_since_order: 0, newest: 'c' });
    expect(rows.has('cleo')).toBe(false);
  });

  test('has the label 0 for whom label.sql does not name, and leaves out whom the day did not know', async () => {
    const { home, mart, model } = await openMart();
    await mart.stage(rowSource(ORDERS), '2025-01-07');
    await mart.buildFeatures('2025-01-03');
    await mart.buildFeatures('2025-01-04');
    expect([await mart.buildLabels('2025-01-03'), await mart.buildLabels('2025-01-04')]).toEqual([1, 2]);
    expect((await mart.read(['2025-01-03', '2025-01-04'], model.manifest.features, true)).labels).toEqual(
      Uint8Array.of(1, 0, 0),
    );
    expect(await readdir(path.join(home.work, 'small'))).toEqual([]);
  });

  test('is read as the service encodes a request', async () => {
    const { home, mart, model, reader } = await openMart();
    await mart.stage(rowSource(ORDERS), '2025-01-07');
    await mart.buildFeatures('2025-01-05');
    const { entities, features } = await mart.read(['2025-01-05'], model.manifest.features, false);
    const raw = await readFeatureRows(reader, home, model, '2025-01-05');
    expect(entities).toEqual(['anna', 'bert', 'cleo']);
    expect(features).toEqual(
      encodeRows(
        model.manifest,
        entities.map((entity) => raw.get(entity) ?? {}),
      ),
    );
    expect(Number.isNaN(features[5])).toBe(true);
  });
});

describe('a range in the manifest', () => {
  const ranged = (outside: 'refuse' | 'clip' | 'missing') =>
    smallModel(
      {},
      {
        features: {
          orders: { type: 'number', range: { min: 1.5, outside } },
          days_since_order: { type: 'number', range: { max: 0, outside } },
          newest: { type: 'category', values: ['a', 'b'] },
        },
      },
    );

  test('refuses a day with values outside of it, and says in which columns', async () => {
    const { mart } = await openMart(ranged('refuse'));
    await mart.stage(rowSource(ORDERS), '2025-01-07');
    await expect(mart.buildFeatures('2025-01-05')).rejects.toMatchObject({
      code: 'FEATURE_OUT_OF_RANGE',
      message:
        'models/small/mart.sql gives values outside of their range for 2025-01-05: orders (2 of 3 rows), days_since_order (2 of 3 rows).',
    });
  });

  test.each(['clip', 'missing'] as const)('that says %s is read as the service reads a request', async (outside) => {
    const { home, mart, model, reader } = await openMart(ranged(outside));
    await mart.stage(rowSource(ORDERS), '2025-01-07');
    await mart.buildFeatures('2025-01-05');
    const { entities, features } = await mart.read(['2025-01-05'], model.manifest.features, false);
    const raw = await readFeatureRows(reader, home, model, '2025-01-05');
    const rows = entities.map((entity) => raw.get(entity) ?? {});
    expect(features).toEqual(encodeRows(model.manifest, rows));
    const instead = outside === 'clip' ? [1.5, 0] : [Number.NaN, Number.NaN];
    // bert ordered once, a day ago.
    expect([...features.subarray(3, 5)]).toEqual(instead);
  });
});

const history = fc.array(
  fc.record({
    customer: fc.constantFrom('anna', 'bert', 'cleo', 'dora'),
    day: fc.integer({ min: 0, max: 19 }),
    amount: fc.integer({ min: 1, max: 50 }),
  }),
  { minLength: 1, maxLength: 60 },
);

test('no feature sees past its day, and no label past its maturity: rows of later days change neither', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: 0, max: 12 }), async (orders, asOf) => {
      const first = { customer: 'zoe', day: 0, amount: 1 };
      const rows = [first, ...orders].map(({ customer, day, amount }) => ({
        customer,
        ordered_at: `${addDays(START, day)} 12:00:00`,
        amount,
        kind: 'a',
      }));
      const day = addDays(START, asOf);
      const maturity = addDays(day, 3);
      const known = rows.filter(({ ordered_at }) => ordered_at.slice(0, 10) <= maturity);
      const all = await contentOf(rows, day, addDays(START, 19));
      expect(all).toEqual(await contentOf(known, day, maturity));
      expect(all.features).toEqual(
        await featuresOf(
          rows.filter(({ ordered_at }) => ordered_at.slice(0, 10) <= day),
          day,
        ),
      );
    }),
    { numRuns: 15 },
  );
});

async function contentOf(orders: Rows[string], day: string, through: string) {
  const { home, mart, model, reader } = await openMart();
  await mart.stage(rowSource({ orders }), through);
  await mart.buildFeatures(day);
  await mart.buildLabels(day);
  const content = {
    features: await readFeatureRows(reader, home, model, day),
    labels: (await mart.read([day], model.manifest.features, true)).labels,
  };
  await mart.close();
  return content;
}

async function featuresOf(orders: Rows[string], day: string) {
  const { home, mart, model, reader } = await openMart();
  await mart.stage(rowSource({ orders }), day);
  await mart.buildFeatures(day);
  await mart.close();
  return await readFeatureRows(reader, home, model, day);
}

describe('staging', () => {
  test('takes each row in once, whatever the days in which it is asked', async () => {
    const { mart } = await openMart();
    expect(await mart.stage(rowSource(ORDERS), '2025-01-03')).toEqual({ orders: 1 });
    expect(await mart.stage(rowSource(ORDERS), '2025-01-07')).toEqual({ orders: 3 });
    expect(await mart.stage(rowSource(ORDERS), '2025-01-07')).toEqual({});
    expect(await mart.staged()).toEqual({ first: START, through: '2025-01-07' });
  });

  test('a source that fails in the middle leaves the stage as it was', async () => {
    const { mart } = await openMart();
    const source = rowSource(ORDERS);
    await mart.stage(source, '2025-01-03');
    const failing = {
      ...source,
      read: async (...given: Parameters<typeof source.read>) => {
        await source.read(...given);
        throw new Error('the line is cut');
      },
    };
    await expect(mart.stage(failing, '2025-01-07')).rejects.toThrow('the line is cut');
    expect(await mart.staged()).toEqual({ first: START, through: '2025-01-03' });
    expect(await mart.stage(source, '2025-01-07')).toEqual({ orders: 3 });
  });
});

test('a changed query is another mart', () => {
  const home = homeAt('state');
  const names = [smallModel(), smallModel({ martSql: 'SELECT 1' }), smallModel({ labelSql: 'SELECT 2' })].map(
    (model) => martFiles(home, model).current,
  );
  expect(names[0]?.[1]).not.toBe(names[1]?.[1]);
  expect(names[0]?.[1]).toBe(names[2]?.[1]);
  expect(names[0]?.[2]).not.toBe(names[2]?.[2]);
});

describe('a wrong query says what is wrong, and leaves no file', () => {
  test.each([
    ['does not parse', 'SELEC customer FROM orders', 'MART_SQL_FAILED', /SELEC/],
    ['names a table that is not declared', 'SELECT * FROM visits', 'MART_SQL_FAILED', /visits/],
    [
      'lacks a feature',
      'SELECT customer, 1 AS orders FROM orders GROUP BY customer',
      'MART_COLUMNS_WRONG',
      /days_since_order, newest/,
    ],
    [
      'returns an entity twice',
      `SELECT customer, 1 AS orders, 1 AS days_since_order, 'a' AS newest FROM orders`,
      'MART_DUPLICATE_ENTITY',
      /4 rows.*3 different/,
    ],
    [
      'divides by zero to infinity',
      `SELECT customer, 1 / 0.0 AS orders, 1 AS days_since_order, 'a' AS newest FROM orders GROUP BY customer`,
      'FEATURE_NOT_FINITE',
      /orders \(3 of 3 rows\)/,
    ],
    [
      'gives NaN',
      `SELECT customer, 'NaN'::DOUBLE AS orders, 1 AS days_since_order, 'a' AS newest FROM orders GROUP BY customer`,
      'FEATURE_NOT_FINITE',
      /orders/,
    ],
    [
      'overflows a float',
      `SELECT customer, 1e300 AS orders, 1 AS days_since_order, 'a' AS newest FROM orders GROUP BY customer`,
      'FEATURE_NOT_FINITE',
      /orders/,
    ],
    [
      'gives text for a number',
      `SELECT customer, 'many' AS orders, 1 AS days_since_order, 'a' AS newest FROM orders GROUP BY customer`,
      'FEATURE_NOT_FINITE',
      /orders/,
    ],
  ])('mart.sql that %s', async (_, martSql, code, message) => {
    const { mart } = await openMart(smallModel({ martSql }));
    await mart.stage(rowSource(ORDERS), '2025-01-07');
    await expect(mart.buildFeatures('2025-01-05')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(await mart.featureDays()).toEqual([]);
  });

  test.each([
    ['gives another label', 'SELECT customer, 2 AS label FROM orders GROUP BY customer', 'LABEL_INVALID', /label 2/],
    ['gives text', `SELECT customer, 'yes' AS label FROM orders GROUP BY customer`, 'LABEL_INVALID', /yes/],
    ['lacks the label', 'SELECT DISTINCT customer FROM orders', 'MART_COLUMNS_WRONG', /label/],
    ['does not run', 'SELECT', 'MART_SQL_FAILED', /label\.sql/],
  ])('label.sql that %s', async (_, labelSql, code, message) => {
    const { mart } = await openMart(smallModel({ labelSql }));
    await mart.stage(rowSource(ORDERS), '2025-01-07');
    await mart.buildFeatures('2025-01-04');
    await expect(mart.buildLabels('2025-01-04')).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(await mart.labelDays()).toEqual([]);
  });
});

test('training rows are thinned to about maxRows, the same ones each time, and no entity is on both sides', async () => {
  const orders = Array.from({ length: 2_000 }, (_, index) => ({
    customer: `c${index}`,
    ordered_at: '2025-01-02 10:00:00',
    amount: index,
    kind: 'a',
  }));
  const { home, mart } = await openMart(
    smallModel({
      martSql: `SELECT customer, max(amount) AS orders, 0 AS days_since_order, 'a' AS newest FROM orders GROUP BY customer`,
    }),
  );
  await mart.stage(rowSource({ orders }), '2025-01-10');
  for (const day of ['2025-01-03', '2025-01-04']) {
    await mart.buildFeatures(day);
    await mart.buildLabels(day);
  }
  const files = (name: string) => ({
    train: path.join(home.work, `${name}-train.parquet`),
    valid: path.join(home.work, `${name}-valid.parquet`),
  });
  const counts = await mart.exportTraining(['2025-01-03', '2025-01-04'], 1_000, files('one'));
  expect(await mart.exportTraining(['2025-01-03', '2025-01-04'], 1_000, files('two'))).toEqual(counts);
  expect(counts.train + counts.valid).toBeGreaterThan(850);
  expect(counts.train + counts.valid).toBeLessThan(1_150);
  const stage = await openStage(':memory:', { scratch: home.work });
  onTestFinished(() => stage.close());
  const both = await stage.rows(
    `SELECT DISTINCT orders FROM '${files('one').train}' INTERSECT SELECT orders FROM '${files('one').valid}'`,
  );
  expect(both).toEqual([]);
});

test('outcomes join deliveries with mature labels only', async () => {
  const { home, model, reader } = await openMart();
  const outcomes = openOutcomes(home, model, reader);
  expect(await outcomes.days()).toEqual([]);
  expect(await outcomes.arms([])).toEqual({});
});
