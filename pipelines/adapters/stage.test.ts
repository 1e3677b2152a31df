import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CleaverError } from '../core/errors.ts';
import { openStage, type Stage } from './stage.ts';

let folder: string;
let stage: Stage;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'stage-test-'));
  stage = await openStage(':memory:', { scratch: path.join(folder, 'work') });
});

afterEach(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

const fileStage = () => openStage(path.join(folder, 'stage.duckdb'), { scratch: path.join(folder, 'work') });

describe('rows and columns', () => {
  test('values are plain: numbers, text, booleans, null; days as days', async () => {
    const sql = `SELECT 7::BIGINT AS whole, 0.25::FLOAT AS share, 1.5::DECIMAL(9, 2) AS price, sum(3) AS total, 'x' AS word,
      true AS flag, NULL::DOUBLE AS nothing, DATE '2025-01-02' AS day, TIMESTAMP '2025-01-02 03:04:05.5' AS moment`;
    expect(await stage.rows(sql)).toEqual([
      {
        whole: 7,
        share: 0.25,
        price: 1.5,
        total: 3,
        word: 'x',
        flag: true,
        nothing: null,
        day: '2025-01-02',
        moment: '2025-01-02 03:04:05.5',
      },
    ]);
  });

  test('a whole number beyond 2^53 keeps its digits as text', async () => {
    expect(await stage.rows('SELECT 9007199254740993 AS big, -9007199254740991 AS safe')).toEqual([
      { big: '9007199254740993', safe: -9007199254740991 },
    ]);
  });

  test('numbers come as a Float64Array, and as an array with null where one is missing', async () => {
    const columns = await stage.columns(
      'SELECT range::INTEGER AS a, CASE WHEN range = 3000 THEN NULL ELSE range::DOUBLE END AS b FROM range(5000) ORDER BY range',
    );
    expect(columns.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(columns[0]?.values).toEqual(Float64Array.from({ length: 5000 }, (_, index) => index));
    expect(columns[1]?.values).toEqual(Array.from({ length: 5000 }, (_, index) => (index === 3000 ? null : index)));
  });

  test('an empty result keeps its columns', async () => {
    expect(await stage.columns('SELECT 1 AS a WHERE false')).toEqual([{ name: 'a', values: new Float64Array() }]);
    expect(await stage.rows('SELECT 1 AS a WHERE false')).toEqual([]);
  });

  test('run answers the rows changed', async () => {
    expect(await stage.run('CREATE TABLE t AS SELECT * FROM range(3)')).toBe(0);
    expect(await stage.run('DELETE FROM t WHERE range > 0')).toBe(2);
  });

  test('a file that was written anew within the same second, with the same size, is read anew', async () => {
    const file = path.join(folder, 'rows.parquet');
    const second = new Date('2025-01-02T03:04:05Z');
    const read = [];
    for (const id of [1, 2]) {
      await stage.run(`COPY (SELECT ${id} AS id) TO '${file}.${id}' (FORMAT parquet)`);
      await writeFile(file, await readFile(`${file}.${id}`));
      await utimes(file, second, second);
      read.push(await stage.rows(`SELECT min(id) AS id FROM read_parquet('${file}') WHERE id = ${id}`));
    }
    expect(read).toEqual([[{ id: 1 }], [{ id: 2 }]]);
    expect((await stat(`${file}.1`)).size).toBe((await stat(`${file}.2`)).size);
  });

  test('a time with an offset becomes UTC', async () => {
    expect(await stage.rows("SELECT (TIMESTAMPTZ '2025-01-02 03:00:00+09:00')::TIMESTAMP AS moment")).toEqual([
      { moment: '2025-01-01 18:00:00' },
    ]);
  });
});

describe('append', () => {
  const columns = [
    { name: 'word', type: 'VARCHAR' },
    { name: 'whole', type: 'BIGINT' },
    { name: 'share', type: 'DOUBLE' },
    { name: 'flag', type: 'BOOLEAN' },
    { name: 'at', type: 'TIMESTAMP' },
    { name: 'day', type: 'DATE' },
  ] as const;

  test('values become what the columns hold', async () => {
    await stage.ensureTable('t', columns);
    await stage.append('t', [
      ['a', null, 5, new Uint8Array([1, 255])],
      [1, 2n ** 60n, null, -3],
      [1n, 0.5, -0.25, null],
      [true, 0, 1n, null],
      ['2025-01-02T03:04:05+09:00', new Date(0), 1n, null],
      ['2025-01-02', null, '1969-12-31', null],
    ]);
    expect(await stage.rows('SELECT * FROM t')).toEqual([
      { word: 'a', whole: 1, share: 1, flag: true, at: '2025-01-01 18:04:05', day: '2025-01-02' },
      { word: null, whole: String(2n ** 60n), share: 0.5, flag: false, at: '1970-01-01 00:00:00', day: null },
      { word: '5', whole: null, share: -0.25, flag: true, at: '1970-01-01 00:00:00.000001', day: '1969-12-31' },
      { word: '\\x01ff', whole: -3, share: null, flag: null, at: null, day: null },
    ]);
  });

  test('more rows than a chunk holds arrive in order', async () => {
    await stage.ensureTable('t', [{ name: 'n', type: 'BIGINT' }]);
    const values = Array.from({ length: 5000 }, (_, index) => index);
    await stage.append('t', [values]);
    expect((await stage.rows<{ n: number }>('SELECT n FROM t')).map(({ n }) => n)).toEqual(values);
  });

  test.each([
    ['BIGINT', 0.5],
    ['BIGINT', '12'],
    ['BIGINT', 2n ** 63n],
    ['DOUBLE', ''],
    ['BOOLEAN', 2],
    ['DATE', '2025-02-30'],
    ['TIMESTAMP', 'soon'],
  ] as const)('%s refuses %s, and no row is there', async (type, value) => {
    await stage.ensureTable('t', [{ name: 'x', type }]);
    await expect(stage.append('t', [[null, value]])).rejects.toThrow(`cannot be read as ${type}`);
    expect(await stage.rows('SELECT * FROM t')).toEqual([]);
  });
});

test('a value that is refused after thousands of rows leaves none of them', async () => {
  await stage.ensureTable('t', [{ name: 'n', type: 'BIGINT' }]);
  const values = [...Array.from({ length: 5000 }, (_, index) => index), 'many'];
  await expect(stage.append('t', [values])).rejects.toThrow('the text "many" cannot be read as BIGINT');
  expect(await stage.rows('SELECT * FROM t')).toEqual([]);
});

describe('ensureTable', () => {
  test('leaves a table with the same columns as it is', async () => {
    await stage.ensureTable('odd "name"', [{ name: 'x', type: 'DOUBLE' }]);
    await stage.append('odd "name"', [[1]]);
    await stage.ensureTable('odd "name"', [{ name: 'x', type: 'DOUBLE' }]);
    expect(await stage.rows('SELECT x FROM "odd ""name"""')).toEqual([{ x: 1 }]);
  });

  test('gives an empty table new columns, and refuses them to one with rows', async () => {
    await stage.ensureTable('t', [{ name: 'x', type: 'VARCHAR' }]);
    await stage.ensureTable('t', [{ name: 'x', type: 'BIGINT' }]);
    await stage.append('t', [[1]]);
    await expect(stage.ensureTable('t', [{ name: 'x', type: 'DOUBLE' }])).rejects.toMatchObject({
      code: 'SOURCE_QUERY_FAILED',
    });
    expect(await stage.rows('SELECT * FROM t')).toEqual([{ x: 1 }]);
  });
});

describe('transaction', () => {
  test('what threw leaves nothing, and its error comes through', async () => {
    const work = stage.transaction(async () => {
      await stage.run('CREATE TABLE t (x INTEGER)');
      await stage.run('SELECT nonsense');
    });
    await expect(work).rejects.toThrow('nonsense');
    expect(await stage.rows("SELECT table_name FROM duckdb_tables() WHERE table_name = 't'")).toEqual([]);
  });

  test('what cannot be committed says so, and the next one can', async () => {
    const work = stage.transaction(async () => {
      await stage.run('ROLLBACK');
    });
    await expect(work).rejects.toThrow('cannot commit - no transaction is active');
    await stage.transaction(async () => {
      await stage.run('CREATE TABLE t AS SELECT 1 AS x');
    });
    expect(await stage.rows('FROM t')).toEqual([{ x: 1 }]);
  });

  test('does not nest', async () => {
    await expect(stage.transaction(() => stage.transaction(() => Promise.resolve()))).rejects.toThrow('do not nest');
  });

  test('a process killed in the middle leaves what was committed', async () => {
    const program = `
      import { openStage } from ${JSON.stringify(path.resolve(import.meta.dirname, 'stage.ts'))};
      const stage = await openStage(${JSON.stringify(path.join(folder, 'stage.duckdb'))}, { scratch: ${JSON.stringify(folder)} });
      await stage.run('CREATE TABLE t AS SELECT 1 AS x');
      await stage.transaction(async () => {
        await stage.run('INSERT INTO t SELECT range FROM range(100000)');
        await stage.run('DELETE FROM t WHERE x = 1');
        console.log('in the middle');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(fileStage()).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(String(child.pid)) as string,
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const after = await fileStage();
    expect(await after.rows('SELECT x FROM t')).toEqual([{ x: 1 }]);
    await after.close();
  });
});

describe('openStage', () => {
  test('a file that this process has open is busy, and free again after close', async () => {
    const first = await fileStage();
    await first.run('CREATE TABLE t AS SELECT 1 AS x');
    await expect(fileStage()).rejects.toMatchObject({ code: 'BUSY' });
    await first.close();
    const second = await fileStage();
    expect(await second.rows('FROM t')).toEqual([{ x: 1 }]);
    await second.close();
  });

  test('a folder that is not there is STATE_UNWRITABLE', async () => {
    await expect(openStage(path.join(folder, 'no', 'stage.duckdb'), { scratch: folder })).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
    });
  });

  test('a file that is no database says so', async () => {
    await writeFile(path.join(folder, 'stage.duckdb'), 'nothing of the kind '.repeat(1000));
    await expect(fileStage()).rejects.toThrow('not a valid DuckDB database file');
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is DISK_FULL', async () => {
    const error = await stage
      .run("COPY (SELECT * FROM range(1000000)) TO '/dev/full' (FORMAT csv)")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CleaverError);
    expect(error).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('/dev/full') as string });
  });

  test('no room to spill is DISK_FULL', async () => {
    const small = await openStage(':memory:', { scratch: path.join(folder, 'small'), memoryLimitMb: 40, threads: 1 });
    await small.run("SET max_temp_directory_size = '1MB'");
    await expect(
      small.run('CREATE TABLE t AS SELECT range AS a, hash(range) AS b FROM range(5000000) ORDER BY b'),
    ).rejects.toMatchObject({ code: 'DISK_FULL' });
    await small.close();
  });

  test('spilling works, and close leaves the scratch folder empty', async () => {
    const scratch = path.join(folder, 'small');
    const small = await openStage(':memory:', { scratch, memoryLimitMb: 100, threads: 1 });
    await writeFile(await small.scratchFile('handed-over.csv'), 'x');
    await small.run('CREATE TABLE t AS SELECT range AS a, hash(range) AS b FROM range(8000000)');
    const [own = ''] = await readdir(scratch);
    expect((await readdir(path.join(scratch, own))).length).toBeGreaterThan(1);
    await small.close();
    expect(await readdir(scratch)).toEqual([]);
  });

  test('no extension is fetched or loaded from outside', async () => {
    await expect(stage.run("SELECT * FROM sqlite_scan('x.db', 't')")).rejects.toThrow(/sqlite/);
    expect(
      await stage.rows(
        "SELECT current_setting('autoinstall_known_extensions') AS install, current_setting('autoload_known_extensions') AS load",
      ),
    ).toEqual([{ install: false, load: false }]);
  });
});
