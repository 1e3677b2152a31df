import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadModel } from '../../pipelines/config.ts';
import { addDays } from '../../pipelines/core/days.ts';
import { AGE_GROUPS, CATEGORIES, REGIONS } from '../../sample/shop/population.ts';

const AS_OF = '2025-03-10'; // a Monday
const model = await loadModel('shop');

let database: DuckDBConnection;
beforeEach(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  database = await instance.connect();
  await database.run(`CREATE MACRO as_of() AS DATE '${AS_OF}';
    CREATE TABLE customers (customer_id BIGINT, joined_on TIMESTAMP, category VARCHAR, age_group VARCHAR, region VARCHAR);
    CREATE TABLE visits (customer_id BIGINT, visited_at TIMESTAMP);
    CREATE TABLE orders (customer_id BIGINT, ordered_at TIMESTAMP, amount DOUBLE, margin DOUBLE);
    CREATE TABLE offers (customer_id BIGINT, offered_at TIMESTAMP, cost DOUBLE);
    INSERT INTO customers VALUES (1, '2025-01-06', 'books', '60+', 'coast'), (2, '2025-03-10', 'toys', '18-29', 'north');`);
});
afterEach(() => {
  database.closeSync();
});

/** The time `daysAfter` days after the as-of day. */
function time(daysAfter: number, clock = '12:00:00'): string {
  return `TIMESTAMP '${addDays(AS_OF, daysAfter)} ${clock}'`;
}

async function answers(sql: string): Promise<Record<string, unknown>[]> {
  const rows = (await database.runAndReadAll(sql)).getRowObjectsJson();
  return rows
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asNumber(value)])))
    .sort((a, b) => Number(a['customer_id']) - Number(b['customer_id']));
}

/** DuckDB's JSON gives whole numbers of 64 bits and more as text. */
function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
}

describe('mart.sql', () => {
  test('gives the entity and exactly the features of the manifest', async () => {
    const [row] = await answers(model.martSql);
    expect(Object.keys(row ?? {})).toEqual([model.manifest.entity, ...Object.keys(model.manifest.features)]);
  });

  test('a customer without any history has a row: counts are 0, times since are missing', async () => {
    const [, row] = await answers(model.martSql);
    expect(row).toEqual({
      ...{ customer_id: 2, category: 'toys', age_group: '18-29', region: 'north', weekday: 0 },
      ...{ visits_7d: 0, visits_28d: 0, visit_days_3d: 0, visit_days_7d: 0, visit_days_14d: 0, days_since_visit: null },
      ...{ orders_28d: 0, orders_84d: 0, amount_84d: 0, days_since_order: null, days_since_offer: null },
    });
  });

  test('counts what lies in each window, the as-of day included', async () => {
    await database.run(`
      INSERT INTO visits VALUES (1, ${time(0)}), (1, ${time(0, '23:59:59')}), (1, ${time(-2)}), (1, ${time(-3)}),
        (1, ${time(-6)}), (1, ${time(-7)}), (1, ${time(-27)}), (1, ${time(-28)});
      INSERT INTO orders VALUES (1, ${time(-5)}, 30, 9), (1, ${time(-27)}, 20, 6), (1, ${time(-83)}, 10, 3), (1, ${time(-84)}, 99, 9);
      INSERT INTO offers VALUES (1, ${time(-2, '06:00:00')}, 0.4);`);
    const [row] = await answers(model.martSql);
    expect(row).toMatchObject({ visits_7d: 5, visits_28d: 7, visit_days_3d: 2, visit_days_7d: 4, visit_days_14d: 5 });
    expect(row).toMatchObject({
      days_since_visit: 0,
      orders_28d: 2,
      orders_84d: 3,
      amount_84d: 60,
      days_since_order: 5,
    });
    expect(row).toMatchObject({ days_since_offer: 2 });
  });

  test('an offer that works no longer is not seen', async () => {
    await database.run(`INSERT INTO offers VALUES (1, ${time(-3, '06:00:00')}, 0.4)`);
    expect((await answers(model.martSql))[0]).toMatchObject({ days_since_offer: null });
  });
});

describe('label.sql', () => {
  test('1 for an order on the seven days after, with margin less cost of offers', async () => {
    await database.run(`
      INSERT INTO orders VALUES (1, ${time(1, '00:00:00')}, 30, 9), (1, ${time(7, '23:59:59')}, 20, 6.5);
      INSERT INTO offers VALUES (1, ${time(1, '06:00:00')}, 0.5), (2, ${time(7, '06:00:00')}, 0.5);`);
    expect(await answers(model.labelSql)).toEqual([
      { customer_id: 1, label: 1, value: 15 },
      { customer_id: 2, label: 0, value: -0.5 },
    ]);
  });

  // What lies after the seventh day is not in the tables that the engine shows.
  test('what lies on the as-of day does not count', async () => {
    await database.run(`
      INSERT INTO orders VALUES (1, ${time(0, '23:59:59')}, 30, 9);
      INSERT INTO offers VALUES (1, ${time(0, '06:00:00')}, 0.5);`);
    expect(await answers(model.labelSql)).toEqual([]);
  });
});

describe('model.ts', () => {
  test('names every category, age group and region of the shop', () => {
    const valuesOf = (name: string) => {
      const feature = model.manifest.features[name];
      return feature?.type === 'category' ? feature.values : [];
    };
    expect(['category', 'age_group', 'region'].map(valuesOf)).toEqual([CATEGORIES, AGE_GROUPS, REGIONS]);
  });
});
