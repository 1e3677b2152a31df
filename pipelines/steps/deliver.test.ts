import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { alterTable, rowsOfFile, rowsOfTable } from '../../tests/support/delivered.ts';
import { folderContent } from '../../tests/support/folder-content.ts';
import { KNOWN_MODELS } from '../../tests/support/known-models.ts';
import { livingModel, NOW, preparedModel, TRAINER, type LivingModel } from '../../tests/support/living-model.ts';
import { deliveryFiles } from '../adapters/deliveries.ts';
import { listRuns } from '../adapters/run-store.ts';
import { assignArm } from '../core/experiment.ts';
import { deliver } from './deliver.ts';
import { etl } from './etl.ts';

const TODAY = '2025-01-12';
const delivered = preparedModel((living) => living.turn());
const again = (living: LivingModel) => living.run(deliver);

describe('a delivery', () => {
  test('has the same scores in both files and the table, and they are what the model says', async () => {
    const living = await delivered();
    const [parquet, csv, table] = [
      await rowsOfFile(living.home, 'living', TODAY, 'parquet'),
      await rowsOfFile(living.home, 'living', TODAY, 'csv'),
      rowsOfTable(living.home, 'living'),
    ];
    const mart = await living.run(({ mart, model }) => mart.read([TODAY], model.manifest.features, false));
    expect([parquet.length, csv.length, table.length]).toEqual([120, 120, 120]);
    for (const [index, row] of table.entries()) {
      const at = mart.entities.indexOf(row.entity_id);
      const formula = KNOWN_MODELS.first(mart.features[at * 2] ?? 0, mart.features[at * 2 + 1] ?? 0);
      for (const score of [row.score, parquet[index]?.score, csv[index]?.score])
        expect(Math.abs((score ?? NaN) - formula)).toBeLessThan(1e-6);
      for (const form of [parquet, csv]) expect({ ...form[index], score: row.score }).toEqual(row);
    }
  });

  test('names its version, its run and the arm of each customer', async () => {
    const living = await delivered();
    const [run] = await listRuns(living.home, 'living', 'deliver');
    const { experiment } = living.modelWith().manifest;
    const rows = rowsOfTable(living.home, 'living');
    for (const row of rows) {
      const arm = assignArm(row.entity_id, experiment);
      expect(row).toMatchObject({ as_of: TODAY, version: 'v1', run_id: run?.id, arm });
    }
    expect(new Set(rows.map(({ arm }) => arm))).toEqual(new Set(['treated', 'holdout']));
  });

  test('is made once', async () => {
    const living = await delivered();
    const before = await folderContent(living.home.root);
    expect(await again(living)).toMatchObject({ fresh: false, result: { files: 120, table: 120, version: 'v1' } });
    expect(await folderContent(living.home.root)).toEqual(before);
  });

  test('of a later day replaces the rows of the table and leaves the files of the day before', async () => {
    const living = await delivered();
    const before = await folderContent(living.home.deliveries);
    living.alter(`DELETE FROM visits WHERE customer = 'c7'`);
    await rm(living.home.mart, { recursive: true });
    living.live(1, 'first');
    living.alter(`DELETE FROM visits WHERE customer = 'c7'`);
    expect((await living.turn()).deliver).toEqual({ asOf: '2025-01-13', version: 'v1', files: 119, table: 119 });
    const rows = rowsOfTable(living.home, 'living');
    expect(new Set(rows.map((row) => row.as_of))).toEqual(new Set(['2025-01-13']));
    expect(rows.some((row) => row.entity_id === 'c7')).toBe(false);
    const { [`living/as_of=${TODAY}/predictions.csv`]: csv } = before;
    expect(await folderContent(living.home.deliveries)).toMatchObject({
      [`living/as_of=${TODAY}/predictions.csv`]: csv,
    });
  });

  test("leaves another model's rows alone", async () => {
    const living = await delivered();
    alterTable(living.home, `UPDATE predictions SET model = 'other' WHERE entity_id = 'c3'`);
    await again(living);
    expect(rowsOfTable(living.home, 'living')).toHaveLength(120);
    expect(rowsOfTable(living.home, 'other')).toHaveLength(1);
  });
});

describe('a delivery that somebody spoiled is made again', () => {
  test.each<[string, (living: LivingModel) => unknown]>([
    [
      'the table is emptied',
      ({ home }) => {
        alterTable(home, 'DELETE FROM predictions');
      },
    ],
    [
      'the table is dropped',
      ({ home }) => {
        alterTable(home, 'DROP TABLE predictions');
      },
    ],
    [
      'a row is removed',
      ({ home }) => {
        alterTable(home, `DELETE FROM predictions WHERE entity_id = 'c1'`);
      },
    ],
    ['the CSV file is removed', ({ home }) => rm(deliveryFiles(home, 'living', TODAY).csv)],
    ['the Parquet file is cut off', ({ home }) => writeFile(deliveryFiles(home, 'living', TODAY).parquet, 'PAR1')],
  ])('%s', async (_, spoil) => {
    const living = await delivered();
    const before = await folderContent(living.home.deliveries);
    const rows = rowsOfTable(living.home, 'living');
    await spoil(living);
    expect((await again(living)).fresh).toBe(true);
    expect(rowsOfTable(living.home, 'living')).toEqual(rows);
    const files = Object.keys(before).filter((file) => file.startsWith('living/'));
    const after = await folderContent(living.home.deliveries);
    expect(files.map((file) => after[file])).toEqual(files.map((file) => before[file]));
  });
});

test('the table is written in one transaction: a row that the database refuses leaves all as it was', async () => {
  const living = await delivered();
  const before = rowsOfTable(living.home, 'living');
  alterTable(
    living.home,
    `CREATE TRIGGER refuse BEFORE INSERT ON predictions WHEN new.entity_id = 'c99' BEGIN SELECT RAISE(ABORT, 'not c99'); END`,
  );
  living.live(1, 'first');
  await expect(living.turn()).rejects.toMatchObject({
    code: 'DATABASE_QUERY_FAILED',
    message: expect.stringContaining('not c99') as string,
  });
  expect(rowsOfTable(living.home, 'living')).toEqual(before);
  alterTable(living.home, 'DROP TRIGGER refuse');
  expect((await living.turn()).deliver).toMatchObject({ asOf: '2025-01-13', table: 120 });
});

test('files that cannot be written are told although the table is, and written the next time', async () => {
  const living = await delivered();
  const folder = `${living.home.deliveries}/living`;
  await rm(folder, { recursive: true });
  await writeFile(folder, 'in the way');
  await expect(again(living)).rejects.toMatchObject({
    code: 'STATE_UNWRITABLE',
    message: expect.stringContaining('predictions.csv cannot be written') as string,
  });
  await rm(folder);
  expect(await again(living)).toMatchObject({ fresh: true, result: { files: 120, table: 120 } });
  expect(await rowsOfFile(living.home, 'living', TODAY, 'csv')).toHaveLength(120);
});

describe('without a model that can score', () => {
  test('there is no champion: CHAMPION_MISSING', async () => {
    const living = await livingModel({ days: 4 });
    await living.run((context) => etl(context, { now: NOW }));
    await expect(again(living)).rejects.toMatchObject({ code: 'CHAMPION_MISSING' });
    expect(await folderContent(living.home.deliveries)).toEqual({});
  });

  test('the champion needs a feature that the mart has lost: MART_COLUMNS_WRONG, and the table stays', async () => {
    const living = await delivered();
    const before = rowsOfTable(living.home, 'living');
    living.live(1, 'first');
    const turn = living.turn({
      martSql: 'SELECT customer, max(x0) AS x0, max(x1) AS taste FROM visits GROUP BY customer',
      manifest: { features: { x0: { type: 'number' }, taste: { type: 'number' } } },
    });
    await expect(turn).rejects.toMatchObject({
      code: 'MART_COLUMNS_WRONG',
      message: expect.stringMatching(/champion v1 .* needs x1/) as string,
    });
    expect(rowsOfTable(living.home, 'living')).toEqual(before);
  });

  test('the file of the champion is not what its hash says: REGISTRY_CORRUPT', async () => {
    const living = await delivered();
    const version = await living.run(({ registry }) => registry.version('living', 'v1'));
    await writeFile(`${living.home.registry}/living/objects/${version.sha256}.onnx`, 'something else');
    living.live(1, 'first');
    await expect(living.turn()).rejects.toMatchObject({ code: 'REGISTRY_CORRUPT' });
  });
});

test('a challenger that cannot be trained does not keep today’s scores of the champion back', async () => {
  const living = await delivered();
  living.live(4, 'first');
  const failing = { manifest: { trainer: { command: [TRAINER[0] ?? '', '-e', 'process.exit(3)'] } } };
  await expect(living.turn(failing)).rejects.toMatchObject({ code: 'TRAINER_CRASHED' });
  expect(new Set(rowsOfTable(living.home, 'living').map((row) => row.as_of))).toEqual(new Set(['2025-01-16']));
});
