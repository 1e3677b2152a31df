import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderContent } from '../../tests/support/folder-content.ts';
import { livingModel, NOW, START, type LivingModel, type ModelChange } from '../../tests/support/living-model.ts';
import { addDays, type Day } from '../core/days.ts';
import { etl } from './etl.ts';

const build = (living: LivingModel, change: ModelChange = {}, asOf?: Day, now = NOW) =>
  living.run((context) => etl(context, { asOf, now }), change);

test('the first run builds every day, the second changes no file', async () => {
  const living = await livingModel({ days: 6 });
  expect(await build(living)).toEqual({
    outcome: 'done',
    asOf: '2025-01-06',
    staged: { visits: 720 },
    featureDays: 5,
    labelDays: 3,
  });
  const state = await folderContent(living.home.root);
  expect(await build(living)).toMatchObject({ outcome: 'nothing-to-do', asOf: '2025-01-06', featureDays: 0 });
  expect(await folderContent(living.home.root)).toEqual(state);
});

test('new days add files, and those of former days stay as they were', async () => {
  const living = await livingModel({ days: 6 });
  await build(living);
  const before = await partsOf(living);
  living.live(2, 'second');
  expect(await build(living)).toMatchObject({ staged: { visits: 240 }, featureDays: 2, labelDays: 2 });
  const after = await partsOf(living);
  expect(after).toMatchObject(before);
  expect(Object.keys(after)).toHaveLength(Object.keys(before).length + 4);
});

test('day by day and all at once give the same mart', async () => {
  const [slow, quick] = [await livingModel({ days: 7 }), await livingModel({ days: 7 })];
  for (const day of [3, 4, 6]) await build(slow, {}, addDays(START, day));
  await build(quick);
  expect(await partsOf(slow)).toEqual(await partsOf(quick));
});

test('a day that is not over is refused, since its later rows would never be read', async () => {
  const living = await livingModel({ days: 6 });
  const noon = new Date('2025-01-05T12:00:00Z');
  await expect(build(living, {}, '2025-01-05', noon)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  expect(await build(living, {}, '2025-01-04', noon)).toMatchObject({ asOf: '2025-01-04' });
});

describe('by default the newest day is', () => {
  test('yesterday, when the source has rows of today', async () => {
    const living = await livingModel({ days: 6 });
    expect(await build(living, {}, undefined, new Date('2025-01-05T00:00:00Z'))).toMatchObject({ asOf: '2025-01-04' });
  });

  test("the source's last day, when that is earlier", async () => {
    const living = await livingModel({ days: 6 });
    expect(await build(living, {}, undefined, NOW)).toMatchObject({ asOf: '2025-01-06' });
  });
});

test('as-of days lie everyDays apart, and the newest day is always one', async () => {
  const living = await livingModel({ days: 9 });
  const change = { manifest: { mart: { warmupDays: 1, everyDays: 3 } } };
  await build(living, change);
  const days = await living.run(({ mart }) => mart.featureDays(), change);
  // 2025-01-03 is day 20091 since 1970, a multiple of three.
  expect(days).toEqual(['2025-01-03', '2025-01-06', '2025-01-09']);
});

test.each([
  ['mart.sql', { martSql: 'SELECT customer, max(x0) AS x0, min(x1) AS x1 FROM visits GROUP BY customer' }, 5],
  ['label.sql', { labelSql: 'SELECT DISTINCT customer, 1 AS label FROM visits' }, 0],
])('a changed %s builds what depends on it anew, and removes the old', async (_, change, featureDays) => {
  const living = await livingModel({ days: 6 });
  await build(living);
  expect(await build(living, change)).toMatchObject({ outcome: 'done', featureDays, labelDays: 3 });
  const kinds = (await readdir(path.join(living.home.mart, 'living'))).map((name) => name.replace(/-.*/, ''));
  expect(kinds.sort()).toEqual(['features', 'labels', 'stage']);
});

describe('a table without rows', () => {
  const withReturns = (mayBeEmpty: boolean): ModelChange => ({
    manifest: {
      source: {
        url: 'sqlite:../../source.db',
        tables: { visits: { time: 'seen_at' }, returns: { time: 'at_time', mayBeEmpty } },
      },
    },
  });

  test('is an error, and nothing is taken in', async () => {
    const living = await livingModel({ days: 6 });
    living.alter('CREATE TABLE returns (customer TEXT, at_time TEXT)');
    await expect(build(living, withReturns(false))).rejects.toMatchObject({
      code: 'SOURCE_TABLE_EMPTY',
      message: expect.stringContaining('returns') as string,
    });
    expect(await living.run(({ mart }) => mart.staged(), withReturns(false))).toBeUndefined();
  });

  test('is none where the manifest says mayBeEmpty', async () => {
    const living = await livingModel({ days: 6 });
    living.alter('CREATE TABLE returns (customer TEXT, at_time TEXT)');
    expect(await build(living, withReturns(true))).toMatchObject({
      staged: { visits: 720, returns: 0 },
      featureDays: 5,
    });
  });

  test('is an error also later, and the days that it lacks are not taken for days without news', async () => {
    const living = await livingModel({ days: 6 });
    await build(living);
    living.alter('ALTER TABLE visits RENAME TO kept; CREATE TABLE visits AS SELECT * FROM kept LIMIT 0');
    await expect(build(living)).rejects.toMatchObject({ code: 'SOURCE_TABLE_EMPTY' });
    living.alter('INSERT INTO visits SELECT * FROM kept');
    living.live(1, 'first');
    expect(await build(living)).toMatchObject({ asOf: '2025-01-07', staged: { visits: 120 } });
  });

  test('before a day that was asked for is an error, and a later day can be asked for then', async () => {
    const living = await livingModel({ days: 6 });
    await expect(build(living, {}, '2024-12-31')).rejects.toMatchObject({ code: 'SOURCE_TABLE_EMPTY' });
    expect(await build(living, {}, '2025-01-03')).toMatchObject({ asOf: '2025-01-03', featureDays: 2 });
  });
});

async function partsOf(living: LivingModel): Promise<Record<string, string>> {
  const content = Object.entries(await folderContent(living.home.mart));
  return Object.fromEntries(content.filter(([file]) => file.endsWith('.parquet')));
}
