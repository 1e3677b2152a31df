import { hash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newSchema, noPostgres } from '../../tests/databases/postgres-schema.ts';
import { idsOf, type RecordedRequest, recordRequests, scoredRows } from '../../tests/support/recorded.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import type { ModelManifest } from '../core/manifest.ts';
import type { Database } from './database.ts';
import { openDatabase } from './open-database.ts';
import { finishedFiles } from './prediction-files.ts';
import { type LoadTarget, loadRecordFile } from './prediction-records.ts';
import { openRecordTables, type RecordTables } from './prediction-tables.ts';

const TIME = new Date('2026-01-02T03:04:05.678Z');
const FEATURES: ModelManifest['features'] = {
  orders: { type: 'number' },
  tier: { type: 'category', values: ['basic', 'gold'] },
};

const KINDS = [
  {
    name: 'sqlite',
    skipped: undefined,
    make: async () => ({
      url: `sqlite:${path.join(await temporaryFolder(), 'some.db')}`,
      drop: () => Promise.resolve(),
    }),
  },
  { name: 'postgres', skipped: noPostgres, make: newSchema },
];

let folder: string;

/** A finished record file of these requests. */
async function recordFile(
  requests: readonly RecordedRequest[],
  settings: Parameters<typeof recordRequests>[2] = {},
  time = TIME,
): Promise<string> {
  const former = await finishedFiles(folder);
  await recordRequests(folder, requests, settings, time);
  return (await finishedFiles(folder)).find((file) => !former.includes(file)) ?? '';
}

/** Loads all into these tables. */
function into(tables: readonly RecordTables[], change: Partial<LoadTarget> = {}): LoadTarget {
  return {
    tablesOf: () => Promise.resolve(tables),
    quarantine: path.join(folder, 'quarantine'),
    work: path.join(folder, 'work'),
    ...change,
  };
}

const filesIn = async (name: string) => await readdir(path.join(folder, name)).catch(() => []);

for (const kind of KINDS) {
  describe.skipIf(kind.skipped !== undefined)(`a record file loaded into ${kind.name}`, () => {
    let drop: () => Promise<void>;
    let database: Database;
    let tables: RecordTables;

    beforeEach(async () => {
      folder = path.join(await temporaryFolder(), 'predictions');
      const made = await kind.make();
      drop = made.drop;
      database = await openDatabase(made.url, { relativeTo: folder });
      tables = await openRecordTables(database, (_, version) =>
        Promise.resolve(version === 'lost' ? undefined : FEATURES),
      );
    });

    afterEach(async () => {
      await database.close();
      await drop();
    });

    const records = () => database.query('SELECT * FROM prediction_records ORDER BY id, role');
    const outcomes = () => database.query('SELECT * FROM prediction_outcomes ORDER BY id');

    test('gives one row for each prediction, with its features by name, and goes', async () => {
      const features = Float32Array.of(0.5, 1, Number.NaN, Number.NaN);
      const rows = scoredRows(['a', 'b'], { features, entities: ['c1', undefined], arms: ['holdout', undefined] });
      const file = await recordFile([rows]);
      expect(await loadRecordFile(file, into([tables]))).toEqual({ rows: 2, outcomes: 0, torn: 0, kept: 0 });
      const common = { model: 'shop', version: 'v1', role: 'answer', time: TIME.toISOString(), request_id: 'request' };
      const hashOf = (...values: number[]) =>
        hash('sha256', Buffer.from(Float32Array.from(values).buffer)).slice(0, 16);
      expect(await records()).toEqual([
        {
          ...{ ...common, id: 'a', score: 0, entity_id: 'c1', arm: 'holdout' },
          ...{ features: '{"orders":0.5,"tier":"gold"}', features_hash: hashOf(0.5, 1) },
        },
        {
          ...{ ...common, id: 'b', score: 0.25, entity_id: null, arm: null },
          ...{ features: '{"orders":null,"tier":null}', features_hash: hashOf(Number.NaN, Number.NaN) },
        },
      ]);
      expect(await finishedFiles(folder)).toEqual([]);
      expect([await filesIn('quarantine'), await filesIn('work')]).toEqual([[], []]);
    });

    test('gives the hash that was recorded, or neither', async () => {
      await loadRecordFile(await recordFile([scoredRows(['a'])]), into([tables]));
      await loadRecordFile(await recordFile([scoredRows(['b'])], { features: 'hash' }), into([tables]));
      await loadRecordFile(await recordFile([scoredRows(['c'])], { features: 'none' }), into([tables]));
      const [a, b, c] = await records();
      expect(b).toMatchObject({ features: null, features_hash: a?.['features_hash'] });
      expect(c).toMatchObject({ features: null, features_hash: null });
    });

    test('of a version that is not known gives its features without their names', async () => {
      await loadRecordFile(await recordFile([scoredRows(['a'], { version: 'lost' })]), into([tables]));
      expect(await records()).toMatchObject([{ features: '[0.5,1]' }]);
    });

    test('keeps the score of the shadow beside the answer of the same id', async () => {
      const shadow = scoredRows(['a'], { role: 'shadow', version: 'v2', scores: Float32Array.of(0.75) });
      await loadRecordFile(await recordFile([scoredRows(['a']), shadow]), into([tables]));
      expect(await records()).toMatchObject([
        { id: 'a', role: 'answer', score: 0 },
        { id: 'a', role: 'shadow', score: 0.75 },
      ]);
    });

    test('is loaded in batches, each row once, however often it is loaded', async () => {
      const ids = idsOf(12_000);
      const file = await recordFile([scoredRows(ids), ids.map((id) => ({ id, label: 1 as const }))], {
        maxFileBytes: 2 ** 30,
        maxWaitingBytes: 2 ** 30,
      });
      const text = await readFile(file);
      for (let times = 0; times < 2; times += 1) {
        await writeFile(file, text);
        expect(await loadRecordFile(file, into([tables]))).toMatchObject({ rows: 12_000, outcomes: 12_000 });
      }
      expect(await database.query('SELECT count(*) AS n FROM prediction_records')).toEqual([{ n: 12_000 }]);
      expect(await database.query('SELECT count(*) AS n FROM prediction_outcomes')).toEqual([{ n: 12_000 }]);
    });

    test('any text from outside is taken', async () => {
      const odd = 'tab\t line\n \\N ü😀 nul\0 \ud800';
      const rows = scoredRows([odd], { entities: [odd], requestId: odd });
      await loadRecordFile(await recordFile([rows, [{ id: odd, value: 1 }]]), into([tables]));
      const kept = 'tab\t line\n \\N ü😀 nul\uFFFD \uFFFD';
      expect(await records()).toMatchObject([{ id: kept, entity_id: kept, request_id: kept }]);
      expect(await outcomes()).toMatchObject([{ id: kept }]);
    });

    test('of several outcomes of a prediction the one told last counts, in whatever order they are loaded', async () => {
      const [early, late] = [new Date('2026-01-01'), new Date('2026-01-03')];
      const files = [
        await recordFile([[{ id: 'a', label: 0 }], [{ id: 'a', label: 1 }], [{ id: 'b', value: 2.5 }]], {}, late),
        await recordFile([[{ id: 'a', label: 0 }], [{ id: 'c', label: 1 }]], {}, early),
      ];
      for (const file of files) await loadRecordFile(file, into([tables]));
      expect(await outcomes()).toEqual([
        { id: 'a', time: late.toISOString(), label: 1, value: null, request_id: 'later' },
        { id: 'b', time: late.toISOString(), label: null, value: 2.5, request_id: 'later' },
        { id: 'c', time: early.toISOString(), label: 1, value: null, request_id: 'later' },
      ]);
    });
  });
}

describe('a record file', () => {
  const added: string[] = [];
  const tables: RecordTables = {
    add: async ({ id }) => {
      added.push(id);
      await Promise.resolve();
    },
    flush: () => Promise.resolve(),
  };

  beforeEach(async () => {
    folder = path.join(await temporaryFolder(), 'predictions');
    added.length = 0;
  });

  test('with torn lines gives the others, and the torn ones lie in quarantine', async () => {
    const file = await recordFile([scoredRows(['a', 'b'])]);
    await appendFile(file, 'not a line\n0a');
    expect(await loadRecordFile(file, into([tables]))).toEqual({ rows: 2, outcomes: 0, torn: 2, kept: 0 });
    expect(added).toEqual(['a', 'b']);
    expect(await filesIn('quarantine')).toEqual([path.basename(file)]);
    expect(await readFile(path.join(folder, 'quarantine', path.basename(file)), 'utf8')).toBe('not a line\n0a\n');
    expect(await finishedFiles(folder)).toEqual([]);
  });

  test('whose lines have no place yet keeps them in a file of their own, until they have one', async () => {
    const file = await recordFile([scoredRows(['a', 'b']), scoredRows(['c', 'd'], { model: 'new' })]);
    const onlyShop = into([tables], {
      tablesOf: (line) => Promise.resolve('model' in line && line.model === 'shop' ? [tables] : []),
    });
    expect(await loadRecordFile(file, onlyShop)).toEqual({ rows: 2, outcomes: 0, torn: 0, kept: 2 });
    const [left = '', ...others] = await finishedFiles(folder);
    expect([left, others]).toEqual([file.replace('.ndjson', '.left.ndjson'), []]);
    const text = await readFile(left, 'utf8');
    expect(await loadRecordFile(left, onlyShop)).toEqual({ rows: 0, outcomes: 0, torn: 0, kept: 2 });
    expect(await readFile(left, 'utf8')).toBe(text);
    expect(await loadRecordFile(left, into([tables]))).toEqual({ rows: 2, outcomes: 0, torn: 0, kept: 0 });
    expect(added).toEqual(['a', 'b', 'c', 'd']);
    expect(await finishedFiles(folder)).toEqual([]);
  });

  test('of left lines, some of which have a place now, keeps the rest', async () => {
    const file = await recordFile([scoredRows(['a']), scoredRows(['b'], { model: 'new' })]);
    const left = file.replace('.ndjson', '.left.ndjson');
    await rename(file, left);
    const onlyShop = into([tables], {
      tablesOf: (line) => Promise.resolve('model' in line && line.model === 'shop' ? [tables] : []),
    });
    expect(await loadRecordFile(left, onlyShop)).toMatchObject({ rows: 1, kept: 1 });
    expect(await loadRecordFile(left, onlyShop)).toMatchObject({ rows: 0, kept: 1 });
    expect(await finishedFiles(folder)).toEqual([left]);
  });

  test('stays where it is when the database fails, with nothing in quarantine', async () => {
    const file = await recordFile([scoredRows(['a'])]);
    await appendFile(file, 'torn');
    const failing = { ...tables, flush: () => Promise.reject(new Error('the database is gone')) };
    await expect(loadRecordFile(file, into([failing]))).rejects.toThrow('the database is gone');
    expect(await finishedFiles(folder)).toEqual([file]);
    expect(await filesIn('quarantine')).toEqual([]);
  });

  test('that was loaded when it was killed before it could go is loaded again to the same end', async () => {
    const file = await recordFile([scoredRows(['a']), scoredRows(['b'], { model: 'new' })]);
    await appendFile(file, 'torn');
    const text = await readFile(file);
    const onlyShop = into([tables], {
      tablesOf: (line) => Promise.resolve('model' in line && line.model === 'shop' ? [tables] : []),
    });
    const counts = await loadRecordFile(file, onlyShop);
    await writeFile(file, text);
    expect(await loadRecordFile(file, onlyShop)).toEqual(counts);
    expect(await finishedFiles(folder)).toEqual([file.replace('.ndjson', '.left.ndjson')]);
    expect(await filesIn('quarantine')).toHaveLength(1);
  });

  test('without a row goes', async () => {
    const file = path.join(folder, 'empty.w0.ndjson');
    await mkdir(folder);
    await writeFile(file, '\n');
    expect(await loadRecordFile(file, into([]))).toEqual({ rows: 0, outcomes: 0, torn: 0, kept: 0 });
    expect(await finishedFiles(folder)).toEqual([]);
  });

  test('that cannot be read is an error that names the disk', async () => {
    const notAFolder = path.join(folder, 'file');
    await mkdir(folder);
    await writeFile(notAFolder, '');
    const reading = loadRecordFile(path.join(notAFolder, 'record.ndjson'), into([tables]));
    await expect(reading).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  });

  test('has a line that JSON cannot be, its CRC right: it counts as torn', async () => {
    const file = await recordFile([scoredRows(['a'])]);
    await appendFile(file, `${crc32('{"kind"').toString(16).padStart(8, '0')} {"kind"\n`);
    expect(await loadRecordFile(file, into([tables]))).toMatchObject({ rows: 1, torn: 1 });
  });
});
