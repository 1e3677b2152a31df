import fc from 'fast-check';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newSchema, noPostgres } from '../../tests/databases/postgres-schema.ts';
import { folderOf, SOURCE_KINDS, type SourcePlace } from '../../tests/databases/source-kinds.ts';
import { openSource } from './open-source.ts';
import type { Source } from './source.ts';
import { conditionOn, openSqliteSource } from './sqlite-source.ts';
import { openStage, type Stage } from './stage.ts';

// A time with an offset that puts it into the day before, a text that tries every quote, and a row without a time.
const ROWS = `
  SELECT 1, '2025-01-01T00:00:00Z', 10.5, 'a', true UNION ALL
  SELECT 2, '2025-01-01T23:59:59.999Z', NULL, NULL, false UNION ALL
  SELECT 3, '2025-01-02 00:00:00', 1.25, 'it''s "odd", \\N;
two lines', NULL UNION ALL
  SELECT 4, '2025-01-03T08:00:00+09:00', 2.0, 'ü', true UNION ALL
  SELECT 5, '2025-01-04', -3.0, 'x', false UNION ALL
  SELECT 6, NULL, 9.0, 'no time', true`;

const AS_READ = [
  { id: 1, known: '2025-01-01 00:00:00', amount: 10.5, note: 'a', paid: true },
  { id: 2, known: '2025-01-01 23:59:59.999', amount: null, note: null, paid: false },
  { id: 3, known: '2025-01-02 00:00:00', amount: 1.25, note: 'it\'s "odd", \\N;\ntwo lines', paid: null },
  { id: 4, known: '2025-01-02 23:00:00', amount: 2, note: 'ü', paid: true },
  { id: 5, known: '2025-01-04 00:00:00', amount: -3, note: 'x', paid: false },
];

let folder: string;
let stage: Stage;
let place: SourcePlace | undefined;
let source: Source | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'source-stage-'));
  stage = await openStage(':memory:', { scratch: folder });
});

afterEach(async () => {
  await source?.close();
  await place?.remove();
  [source, place] = [undefined, undefined];
  await stage.close();
  await rm(folder, { recursive: true });
});

async function opened(url: string): Promise<Source> {
  source = await openSource(url, { relativeTo: folder });
  return source;
}

const staged = (target = 'target') => stage.rows(`SELECT * FROM "${target}" ORDER BY id`);
const orders = { name: 'orders', time: 'known' };

for (const kind of SOURCE_KINDS) {
  describe.skipIf(kind.skipped !== undefined)(
    `a source in ${kind.name}${kind.skipped === undefined ? '' : ` (${kind.skipped})`}`,
    () => {
      async function filled(rows = ROWS): Promise<Source> {
        place = await kind.make();
        await place.run(kind.tableOf('orders', rows));
        return await opened(place.url);
      }

      test('all values arrive with their types, and times as timestamps in UTC', async () => {
        expect(await (await filled()).read(orders, { before: '2026-01-01' }, stage, 'target')).toBe(5);
        expect(await staged()).toEqual(AS_READ);
        const types = await stage.rows(
          "SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE table_name = 'target'",
        );
        expect(types).toEqual([
          { name: 'id', type: 'BIGINT' },
          { name: 'known', type: 'TIMESTAMP' },
          { name: 'amount', type: 'DOUBLE' },
          { name: 'note', type: 'VARCHAR' },
          { name: 'paid', type: 'BOOLEAN' },
        ]);
      });

      test('the span is the first and the last day, by UTC', async () => {
        const from = await filled();
        expect(await from.span(orders)).toEqual({ first: '2025-01-01', last: '2025-01-04' });
      });

      test('a range has its first day and not its last', async () => {
        const from = await filled();
        const counts = [];
        for (const [first, before] of [
          ['2025-01-01', '2025-01-02'],
          ['2025-01-02', '2025-01-03'],
          ['2025-01-03', '2025-01-04'],
          ['2025-01-04', '2025-01-05'],
        ] as const) {
          counts.push(await from.read(orders, { from: first, before }, stage, 'target'));
        }
        expect(counts).toEqual([2, 2, 0, 1]);
        expect(await staged()).toEqual(AS_READ);
      });

      test('a table without rows has no span, and is made in the stage', async () => {
        const from = await filled(`SELECT * FROM (${ROWS}) AS none WHERE 1 = 0`);
        expect(await from.span(orders)).toBeUndefined();
        expect(await from.read(orders, { before: '2026-01-01' }, stage, 'target')).toBe(0);
        expect(await stage.rows('SELECT * FROM target')).toEqual([]);
      });

      test('a missing table is SOURCE_TABLE_MISSING with the names that are there', async () => {
        const from = await filled();
        // One after the other: a second rejection that comes first would be nobody's.
        for (const ask of [
          () => from.span({ name: 'visits', time: 'known' }),
          () => from.read({ name: 'visits', time: 'known' }, { before: '2026-01-01' }, stage, 'target'),
        ]) {
          await expect(ask()).rejects.toMatchObject({
            code: 'SOURCE_TABLE_MISSING',
            message: expect.stringMatching(/visits.*orders/) as string,
          });
        }
      });

      test('a missing time column is SOURCE_QUERY_FAILED with the columns that are there', async () => {
        const from = await filled();
        const problem = {
          code: 'SOURCE_QUERY_FAILED',
          message: expect.stringMatching(/orders.*when_known.*note/) as string,
        };
        await expect(from.span({ name: 'orders', time: 'when_known' })).rejects.toMatchObject(problem);
        await expect(
          from.read({ name: 'orders', time: 'when_known' }, { before: '2026-01-01' }, stage, 'target'),
        ).rejects.toMatchObject(problem);
      });

      test('a read that fails within a transaction leaves nothing', async () => {
        const from = await filled();
        const work = stage.transaction(async () => {
          await from.read(orders, { before: '2026-01-01' }, stage, 'target');
          await from.read({ name: 'visits', time: 'known' }, { before: '2026-01-01' }, stage, 'target');
        });
        await expect(work).rejects.toMatchObject({ code: 'SOURCE_TABLE_MISSING' });
        expect(await stage.rows("SELECT 1 AS there FROM duckdb_tables() WHERE table_name = 'target'")).toEqual([]);
      });

      test('no scratch file is left', async () => {
        await (await filled()).read(orders, { before: '2026-01-01' }, stage, 'target');
        const left = await readdir(folder, { recursive: true });
        expect(left.filter((name) => /csv|parquet/.test(name))).toEqual([]);
      });

      test('a column that is used for the time must hold times', async () => {
        const from = await filled();
        const problem = { code: 'SOURCE_QUERY_FAILED', message: expect.stringMatching(/orders.*note/) as string };
        await expect(from.span({ name: 'orders', time: 'note' })).rejects.toMatchObject(problem);
        await expect(
          from.read({ name: 'orders', time: 'id' }, { before: '2026-01-01' }, stage, 'target'),
        ).rejects.toMatchObject({
          code: 'SOURCE_QUERY_FAILED',
          message: expect.stringMatching(/orders.* id.*"1"/) as string,
        });
      });

      test('reading day by day gives what reading at once gives', async () => {
        const moment = fc.tuple(
          fc.integer({ min: 0, max: 5 * 24 * 60 - 1 }),
          fc.constantFrom('Z', '+09:00', '-11:30', ''),
        );
        await fc.assert(
          fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 12 }), async (moments) => {
            const text = ([minutes, offset]: [number, string]) =>
              `${new Date(Date.UTC(2025, 0, 10) + minutes * 60_000).toISOString().slice(0, 19)}${offset}`;
            const rows = moments
              .map((one, index) => `SELECT ${index}, '${text(one)}', 0.5, 'n', true`)
              .join(' UNION ALL ');
            const from = await filled(rows);
            await stage.run('DROP TABLE IF EXISTS daily; DROP TABLE IF EXISTS target');
            for (let day = 8; day < 18; day++) {
              const name = (number: number) => `2025-01-${String(number).padStart(2, '0')}`;
              await from.read(orders, { from: name(day), before: name(day + 1) }, stage, 'daily');
            }
            await from.read(orders, { before: '2026-01-01' }, stage, 'target');
            const truth = moments.map((one) => Date.parse(text(one).replace(/(\d\d:\d\d:\d\d)$/, '$1Z')));
            expect(await staged('daily')).toEqual(await staged());
            expect(
              (await stage.rows<{ known: string }>('SELECT known FROM target ORDER BY id')).map(({ known }) =>
                Date.parse(`${known}Z`),
              ),
            ).toEqual(truth);
            await from.close();
            await place?.remove();
          }),
          // Shrinking takes longer than a test may: a failure would look like a hang.
          { numRuns: kind.name === 'sqlite' ? 15 : 3, endOnFailure: true },
        );
        [source, place] = [undefined, undefined];
      });
    },
  );
}

for (const kind of SOURCE_KINDS.filter(({ name }) => name === 'sqlite' || name === 'postgres, time as text')) {
  describe.skipIf(kind.skipped !== undefined)(`SQL as the source of a table, in ${kind.name}`, () => {
    beforeEach(async () => {
      place = await kind.make();
      await place.run(kind.tableOf('orders', ROWS));
      await opened(place.url);
    });

    test('a query stands for the table', async () => {
      const sql = `SELECT id, known, amount * 2 AS twice, '' AS blank FROM orders WHERE id < 3 -- the first two;`;
      expect(await source?.span({ name: 'doubled', time: 'known', sql })).toEqual({
        first: '2025-01-01',
        last: '2025-01-01',
      });
      await source?.read({ name: 'doubled', time: 'known', sql }, { before: '2026-01-01' }, stage, 'target');
      expect(await staged()).toEqual([
        { id: 1, known: '2025-01-01 00:00:00', twice: 21, blank: '' },
        { id: 2, known: '2025-01-01 23:59:59.999', twice: null, blank: '' },
      ]);
    });

    test.each([
      ['a query that does not run', 'SELECT nonsense FROM orders', /nonsense/],
      ['a query on a table that is not there', 'SELECT known FROM visits', /visits/],
      ['a query with a column twice', 'SELECT id, id, known FROM orders', /two columns id/],
    ])('%s is SOURCE_QUERY_FAILED', async (_, sql, message) => {
      await expect(source?.span({ name: 'orders', time: 'known', sql })).rejects.toMatchObject({
        code: 'SOURCE_QUERY_FAILED',
        message: expect.stringMatching(message) as string,
      });
    });

    test('a text that is no time is named, in the span and in a read', async () => {
      await place?.run("INSERT INTO orders VALUES (7, 'soon', 1, 'x', NULL)");
      const problem = { code: 'SOURCE_QUERY_FAILED', message: expect.stringMatching(/orders.*known.*soon/) as string };
      await expect(source?.span(orders)).rejects.toMatchObject(problem);
      await place?.run("UPDATE orders SET known = '2025-01-02 soon' WHERE id = 7");
      await expect(
        source?.read(orders, { from: '2025-01-02', before: '2025-01-03' }, stage, 'target'),
      ).rejects.toMatchObject(problem);
    });

    test('a table and columns with odd names are read', async () => {
      await place?.run(
        `CREATE TABLE "odd ""table"" 'x'" ("my time" TEXT, "select" TEXT); INSERT INTO "odd ""table"" 'x'" VALUES ('2025-01-01', 'a')`,
      );
      await source?.read({ name: `odd "table" 'x'`, time: 'my time' }, { before: '2026-01-01' }, stage, 'target "x"');
      expect(await stage.rows('SELECT * FROM "target ""x"""')).toEqual([
        { 'my time': '2025-01-01 00:00:00', select: 'a' },
      ]);
    });
  });
}

describe('SQLite', () => {
  const file = () => path.join(folder, 'source.db');
  function database(sql: string): DatabaseSync {
    const made = new DatabaseSync(file());
    made.exec(sql);
    return made;
  }

  test('a missing file is SOURCE_UNREACHABLE and is not made', async () => {
    await expect(opened('sqlite:source.db')).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: `There is no SQLite file ${file()}.`,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test('a file that cannot be opened is SOURCE_UNREACHABLE', async () => {
    const server = net.createServer().listen(file());
    await once(server, 'listening');
    await expect(opened('sqlite:source.db')).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: `The SQLite file ${file()} cannot be used: unable to open database file.`,
    });
    server.close();
    await once(server, 'close');
  });

  test('a failure of the stage comes through as it is', async () => {
    database("CREATE TABLE orders (known TEXT); INSERT INTO orders VALUES ('2025-01-01')").close();
    await opened('sqlite:source.db');
    const failure = new Error('the disk has gone');
    const failing = { ...stage, append: () => Promise.reject(failure) };
    await expect(source?.read(orders, { before: '2026-01-01' }, failing, 'target')).rejects.toBe(failure);
  });

  test('a file that vanished after opening is SOURCE_UNREACHABLE', async () => {
    database('CREATE TABLE orders (known TEXT)').close();
    await opened('sqlite:source.db');
    await rm(file());
    await expect(source?.span(orders)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  });

  test('a file that is no database is SOURCE_UNREACHABLE', async () => {
    await writeFile(file(), 'nothing of the kind '.repeat(1000));
    await opened('sqlite:source.db');
    await expect(source?.span(orders)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  });

  test('a file that another program keeps locked is SOURCE_UNREACHABLE', async () => {
    const made = database('CREATE TABLE orders (known TEXT); BEGIN EXCLUSIVE');
    source = openSqliteSource(file(), 20);
    await expect(source.span(orders)).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('locked') as string,
    });
    made.close();
  });

  test('a value that does not fit its declared type is named', async () => {
    database(
      "CREATE TABLE orders (known TEXT, pieces INTEGER); INSERT INTO orders VALUES ('2025-01-01', 'many')",
    ).close();
    await opened('sqlite:source.db');
    await expect(source?.read(orders, { before: '2026-01-01' }, stage, 'target')).rejects.toMatchObject({
      code: 'SOURCE_QUERY_FAILED',
      message: expect.stringMatching(/orders.*pieces.*"many".*BIGINT/) as string,
    });
  });

  test('a time that is a number is named, even though it sorts before all texts', async () => {
    database("CREATE TABLE orders (known); INSERT INTO orders VALUES ('2025-01-01'), (1735689600)").close();
    await opened('sqlite:source.db');
    for (const asked of [source?.span(orders), source?.read(orders, { before: '2026-01-01' }, stage, 'target')]) {
      await expect(asked).rejects.toMatchObject({
        code: 'SOURCE_QUERY_FAILED',
        message: expect.stringContaining('1735689600') as string,
      });
    }
  });

  test('whole numbers beyond 2^53 keep every digit', async () => {
    database(
      "CREATE TABLE orders (known TEXT, id INTEGER); INSERT INTO orders VALUES ('2025-01-01', 9007199254740993)",
    ).close();
    await opened('sqlite:source.db');
    await source?.read(orders, { before: '2026-01-01' }, stage, 'target');
    expect(await stage.rows('SELECT id::VARCHAR AS id FROM target')).toEqual([{ id: '9007199254740993' }]);
  });

  test('an expression has the type of its values in the whole table, whichever days are read', async () => {
    database(
      "CREATE TABLE t (known TEXT, a INTEGER, b REAL); INSERT INTO t VALUES ('2025-01-01', 1, 2), ('2025-01-02', 3, 0.5)",
    ).close();
    await opened('sqlite:source.db');
    const table = {
      name: 't',
      time: 'known',
      sql: "SELECT known, a + 1 AS more, a * b AS product, a || '' AS word, NULL AS blank FROM t",
    };
    await source?.read(table, { before: '2025-01-02' }, stage, 'target');
    await source?.read(table, { from: '2025-01-02', before: '2025-01-03' }, stage, 'target');
    expect(await stage.rows('SELECT * FROM target ORDER BY known')).toEqual([
      { known: '2025-01-01 00:00:00', more: 2, product: 2, word: '1', blank: null },
      { known: '2025-01-02 00:00:00', more: 4, product: 1.5, word: '3', blank: null },
    ]);
  });

  test('the query for a range can be answered from an index', () => {
    const made = database('CREATE TABLE orders (known TEXT, id INTEGER); CREATE INDEX by_time ON orders (known)');
    const condition = conditionOn(orders, { from: '2025-01-01', before: '2025-01-02' });
    const plan = made.prepare(`EXPLAIN QUERY PLAN SELECT * FROM orders WHERE ${condition}`).all();
    expect(plan.map(({ detail }) => String(detail)).join()).toContain('USING INDEX by_time (known>? AND known<?)');
    made.close();
  });
});

describe('files', () => {
  test('a query reads files of the folder by name', async () => {
    place = await folderOf({ 'raw.txt': '1  20250102  5.5\n2  20250103  7\n' });
    await opened(place.url);
    const sql = `SELECT a AS id, strptime(b::VARCHAR, '%Y%m%d') AS known, c AS amount FROM
      (SELECT unnest(string_split_regex(trim(line), ' +')[1:1])::INT AS a, string_split_regex(line, ' +')[2] AS b, string_split_regex(line, ' +')[3]::DOUBLE AS c
       FROM read_csv('raw.txt', columns = {line: 'VARCHAR'}, header = false, delim = '|'))`;
    expect(await source?.span({ name: 'raw', time: 'known', sql })).toEqual({
      first: '2025-01-02',
      last: '2025-01-03',
    });
    await source?.read(
      { name: 'raw', time: 'known', sql },
      { from: '2025-01-03', before: '2025-01-04' },
      stage,
      'target',
    );
    expect(await staged()).toEqual([{ id: 2, known: '2025-01-03 00:00:00', amount: 7 }]);
  });

  test('a query cannot touch the stage', async () => {
    place = await folderOf({});
    await stage.run("CREATE TABLE secret AS SELECT TIMESTAMP '2025-01-01' AS known");
    await opened(place.url);
    await expect(source?.span({ name: 'orders', time: 'known', sql: 'SELECT * FROM secret' })).rejects.toMatchObject({
      code: 'SOURCE_QUERY_FAILED',
    });
  });

  test('a column that turns to text in its last line is text', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `2025-01-01,${index}`);
    place = await folderOf({ 'orders.csv': ['known,code', ...lines, '2025-01-01,A7'].join('\n') });
    await opened(place.url);
    expect(await source?.read(orders, { before: '2026-01-01' }, stage, 'target')).toBe(30_001);
    expect(await stage.rows("SELECT code FROM target WHERE code >= 'A'")).toEqual([{ code: 'A7' }]);
  });

  test.each(['31/01/2025', '20250131', 'infinity', '2025-02-30'])('the time %s is refused by name', async (time) => {
    place = await folderOf({ 'orders.csv': `id,known\n1,2025-01-01\n2,${time}\n` });
    await opened(place.url);
    const problem = {
      code: 'SOURCE_QUERY_FAILED',
      message: expect.stringMatching(new RegExp(`orders.*known.*${time}`)) as string,
    };
    await expect(source?.span(orders)).rejects.toMatchObject(problem);
    await expect(source?.read(orders, { before: '2026-01-01' }, stage, 'target')).rejects.toMatchObject(problem);
  });

  test('a missing folder is SOURCE_UNREACHABLE', async () => {
    await expect(opened('files:nowhere')).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('nowhere') as string,
    });
  });
});

describe.skipIf(noPostgres !== undefined)('Postgres', () => {
  let schema: Awaited<ReturnType<typeof newSchema>>;

  beforeEach(async () => {
    schema = await newSchema();
  });

  afterEach(async () => {
    await source?.close();
    source = undefined;
    await schema.drop();
  });

  test('NULL and an empty text stay apart', async () => {
    await schema.run(
      `CREATE TABLE orders (known date, note text, code varchar(9)); INSERT INTO orders VALUES ('2025-01-01', '', NULL), ('2025-01-02', NULL, '""')`,
    );
    await opened(schema.url);
    await source?.read(orders, { before: '2026-01-01' }, stage, 'target');
    expect(await stage.rows('SELECT * FROM target ORDER BY known')).toEqual([
      { known: '2025-01-01 00:00:00', note: '', code: null },
      { known: '2025-01-02 00:00:00', note: null, code: '""' },
    ]);
  });

  test('types that the stage does not have arrive as text, numbers with all that a DOUBLE holds', async () => {
    await schema.run(`CREATE TYPE mood AS ENUM ('sad', 'glad');
      CREATE TABLE orders (known timestamp, tags text[], data jsonb, mood mood, code uuid, exact numeric, short smallint, at timestamptz, raw bytea);
      INSERT INTO orders VALUES ('2025-01-01 12:00', '{a,"b c"}', '{"a": 1}', 'glad', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', 0.1, -7, '2025-01-01 00:00+09', '\\x01ff')`);
    await opened(schema.url);
    await source?.read(orders, { before: '2026-01-01' }, stage, 'target');
    expect(await stage.rows('SELECT * FROM target')).toEqual([
      {
        known: '2025-01-01 12:00:00',
        tags: '{a,"b c"}',
        data: '{"a": 1}',
        mood: 'glad',
        code: '6f9619ff-8b86-d011-b42d-00cf4fc964ff',
        exact: 0.1,
        short: -7,
        at: '2024-12-31 15:00:00',
        raw: '\\x01ff',
      },
    ]);
  });

  test('nothing can be written by a query', async () => {
    await schema.run(
      "CREATE TABLE orders (known date); CREATE FUNCTION wipe() RETURNS date LANGUAGE sql AS $$ DELETE FROM orders RETURNING known $$; INSERT INTO orders VALUES ('2025-01-01')",
    );
    await opened(schema.url);
    await expect(source?.span({ ...orders, sql: 'SELECT wipe() AS known' })).rejects.toMatchObject({
      code: 'SOURCE_QUERY_FAILED',
      message: expect.stringContaining('read-only') as string,
    });
  });

  test('a connection that breaks is SOURCE_UNREACHABLE, and the next call has a new one', async () => {
    await schema.run("CREATE TABLE orders (known date); INSERT INTO orders VALUES ('2025-01-01')");
    await opened(schema.url);
    const breaking = { ...orders, sql: 'SELECT known, pg_terminate_backend(pg_backend_pid()) AS gone FROM orders' };
    await expect(source?.read(breaking, { before: '2026-01-01' }, stage, 'target')).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining('terminating connection due to administrator command') as string,
    });
    expect(await source?.read(orders, { before: '2026-01-01' }, stage, 'target')).toBe(1);
  });

  test.skipIf(!existsSync('/dev/full'))(
    'no room for the rows on the disk here is DISK_FULL with the file, and does not hang',
    async () => {
      // More than waits on the way between the server and here.
      await schema.run(
        "CREATE TABLE orders AS SELECT date '2025-01-01' AS known, repeat('x', 100) AS note FROM generate_series(1, 200000)",
      );
      await opened(schema.url);
      const file = path.join(folder, 'rows.csv');
      await symlink('/dev/full', file);
      const full = { ...stage, scratchFile: () => Promise.resolve(file) };
      await expect(source?.read(orders, { before: '2026-01-01' }, full, 'target')).rejects.toMatchObject({
        code: 'DISK_FULL',
        message: `No room left to write ${file}.`,
      });
      expect(existsSync(file)).toBe(false);
      expect(await source?.span(orders)).toEqual({ first: '2025-01-01', last: '2025-01-01' });
    },
  );

  test('a time of infinity is named', async () => {
    await schema.run("CREATE TABLE orders (known timestamptz); INSERT INTO orders VALUES ('infinity')");
    await opened(schema.url);
    await expect(source?.span(orders)).rejects.toMatchObject({
      code: 'SOURCE_QUERY_FAILED',
      message: expect.stringContaining('infinity') as string,
    });
  });
});

describe('openSource', () => {
  test('a Postgres that is not there is SOURCE_UNREACHABLE with the host and never the password', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    server.close();
    await once(server, 'close');
    const error: unknown = await openSource(`postgres://me:s3cret@127.0.0.1:${port}/db`, { relativeTo: '.' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining(`127.0.0.1:${port} cannot be used: `) as string,
    });
    expect(inspect(error, { depth: 10 })).not.toContain('s3cret');
  });

  test('an address of another kind is refused without showing it', async () => {
    const error: unknown = await openSource('mysql://me:secret@host/db', { relativeTo: '.' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', message: expect.stringContaining('"mysql:"') as string });
    expect(String(error)).not.toContain('secret');
  });
});
