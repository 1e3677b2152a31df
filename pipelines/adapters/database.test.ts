import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect, promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newSchema, noPostgres } from '../../tests/databases/postgres-schema.ts';
import type { Database } from './database.ts';
import { openDatabase } from './open-database.ts';
import { openSqliteDatabase } from './sqlite-database.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'database-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const KINDS = [
  {
    name: 'sqlite' as const,
    skipped: undefined,
    make: () =>
      Promise.resolve({ url: `sqlite:${path.join(folder, 'some', 'file.db')}`, drop: () => Promise.resolve() }),
  },
  { name: 'postgres' as const, skipped: noPostgres, make: newSchema },
];

for (const kind of KINDS) {
  describe.skipIf(kind.skipped !== undefined)(
    `a database in ${kind.name}${kind.skipped === undefined ? '' : ` (${kind.skipped})`}`,
    () => {
      let url: string;
      let drop: () => Promise<void>;
      let database: Database;
      const target = { table: 'scores', columns: ['model', 'entity', 'score', 'note'], key: ['model', 'entity'] };

      beforeEach(async () => {
        ({ url, drop } = await kind.make());
        database = await openDatabase(url, { relativeTo: folder });
        await database.run(
          'CREATE TABLE scores (model TEXT NOT NULL, entity BIGINT NOT NULL, score DOUBLE PRECISION, note TEXT, PRIMARY KEY (model, entity))',
        );
      });

      afterEach(async () => {
        await database.close();
        await drop();
      });

      const all = () => database.query('SELECT entity, score, note FROM scores ORDER BY entity');

      test('it names its kind', () => {
        expect(database.kind).toBe(kind.name);
      });

      test('values come back alike', async () => {
        await database.run(
          `CREATE TABLE kinds (word TEXT, whole BIGINT, big BIGINT, share DOUBLE PRECISION, exact NUMERIC(9, 2), flag BOOLEAN, day DATE, at ${kind.name === 'sqlite' ? 'TEXT' : 'TIMESTAMPTZ'}, missing INTEGER)`,
        );
        const moment = new Date('2025-01-02T03:04:05.678Z');
        await database.run('INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', [
          "it's ?",
          7,
          2n ** 60n,
          0.1,
          1.25,
          true,
          '2025-01-02',
          moment,
          null,
        ]);
        expect(await database.query('SELECT * FROM kinds')).toEqual([
          {
            word: "it's ?",
            whole: 7,
            big: 2n ** 60n,
            share: 0.1,
            exact: 1.25,
            flag: true,
            day: '2025-01-02',
            at: '2025-01-02T03:04:05.678Z',
            missing: null,
          },
        ]);
        expect(
          await database.query("SELECT word, '?' AS mark FROM kinds WHERE whole = ? AND flag = ?", [7, true]),
        ).toEqual([{ word: "it's ?", mark: '?' }]);
        expect(await database.query('SELECT count(*) AS rows FROM kinds')).toEqual([{ rows: 1 }]);
      });

      test('upsert writes new rows, replaces those with the same key, and leaves the others', async () => {
        await database.run(
          "INSERT INTO scores VALUES ('shop', 1, 0.5, 'old'), ('shop', 9, 0.5, 'kept'), ('other', 1, 0.5, 'kept')",
        );
        expect(
          await database.upsert(target, [
            ['shop', 1, 0.25, 'new'],
            ['shop', 2, null, null],
          ]),
        ).toBe(2);
        expect(await database.query('SELECT * FROM scores ORDER BY model, entity')).toEqual([
          { model: 'other', entity: 1, score: 0.5, note: 'kept' },
          { model: 'shop', entity: 1, score: 0.25, note: 'new' },
          { model: 'shop', entity: 2, score: null, note: null },
          { model: 'shop', entity: 9, score: 0.5, note: 'kept' },
        ]);
      });

      test('any text survives an upsert', async () => {
        const notes = [
          '',
          '\\N',
          '\\.',
          '\\',
          'tab\t',
          'line\nline\r\n',
          '"',
          "'",
          ',',
          'ü€😀',
          '\u0001',
          'NULL',
          'a\\tb',
        ];
        await database.upsert(
          target,
          notes.map((note, index) => ['shop', index, index / 3, note]),
        );
        expect(await all()).toEqual(notes.map((note, index) => ({ entity: index, score: index / 3, note })));
      });

      test('all kinds of values survive an upsert', async () => {
        await database.run(
          'CREATE TABLE kinds (id BIGINT PRIMARY KEY, flag BOOLEAN, big BIGINT, day DATE, share DOUBLE PRECISION)',
        );
        await database.upsert({ table: 'kinds', columns: ['id', 'flag', 'big', 'day', 'share'], key: ['id'] }, [
          [1, true, 2n ** 60n, '2025-01-02', 1e-300],
          [2, false, -1n, null, Number.POSITIVE_INFINITY],
        ]);
        expect(await database.query('SELECT * FROM kinds ORDER BY id')).toEqual([
          { id: 1, flag: true, big: 2n ** 60n, day: '2025-01-02', share: 1e-300 },
          { id: 2, flag: false, big: -1, day: null, share: Number.POSITIVE_INFINITY },
        ]);
      });

      test('of rows with the same key the last counts', async () => {
        const rows = Array.from({ length: 5000 }, (_, index) => ['shop', index % 7, index, `row ${index}`]);
        expect(await database.upsert(target, rows)).toBe(5000);
        expect(await all()).toEqual(
          [4998, 4999, 4993, 4994, 4995, 4996, 4997]
            .map((score) => ({ entity: score % 7, score, note: `row ${score}` }))
            .sort((a, b) => a.entity - b.entity),
        );
      });

      test('a table of keys alone takes rows twice', async () => {
        await database.run('CREATE TABLE "odd ""keys""" ("the key" TEXT PRIMARY KEY)');
        const keys = { table: 'odd "keys"', columns: ['the key'], key: ['the key'] };
        await database.upsert(keys, [['a'], ['b']]);
        await database.upsert(keys, [['b'], ['c']]);
        expect(await database.query('SELECT "the key" AS k FROM "odd ""keys""" ORDER BY 1')).toEqual([
          { k: 'a' },
          { k: 'b' },
          { k: 'c' },
        ]);
      });

      test('an upsert without rows changes nothing', async () => {
        expect(await database.upsert(target, [])).toBe(0);
      });

      test('an upsert that fails at one row leaves none', async () => {
        const rows = function* () {
          for (let entity = 0; entity < 4000; entity++) yield ['shop', entity, 0.5, 'x'] as const;
          yield [null, 1, 0.5, 'x'] as const;
        };
        await expect(database.upsert(target, rows())).rejects.toMatchObject({ code: 'DATABASE_QUERY_FAILED' });
        expect(await all()).toEqual([]);
      });

      test('an upsert whose rows throw leaves none, and their error comes through', async () => {
        const rows = function* () {
          for (let entity = 0; entity < 4000; entity++) yield ['shop', entity, 0.5, 'x'] as const;
          throw new TypeError('no more rows');
        };
        await expect(database.upsert(target, rows())).rejects.toThrow(new TypeError('no more rows'));
        expect(await all()).toEqual([]);
        expect(await database.upsert(target, [['shop', 1, 0.5, 'x']])).toBe(1);
      });

      test('a transaction is there as a whole, with two upserts in it', async () => {
        const answer = await database.transaction(async (inside) => {
          await inside.upsert(target, [['shop', 1, 0.5, 'x']]);
          await inside.upsert(target, [['shop', 2, 0.5, 'x']]);
          await inside.run('DELETE FROM scores WHERE entity = ?', [1]);
          return await inside.query<{ entity: number }>('SELECT entity FROM scores');
        });
        expect(answer).toEqual([{ entity: 2 }]);
        expect(await all()).toEqual([{ entity: 2, score: 0.5, note: 'x' }]);
      });

      test('a transaction that throws leaves nothing', async () => {
        const work = database.transaction(async (inside) => {
          await inside.upsert(target, [['shop', 1, 0.5, 'x']]);
          throw new RangeError('changed my mind');
        });
        await expect(work).rejects.toThrow(new RangeError('changed my mind'));
        expect(await all()).toEqual([]);
      });

      test('a transaction in which a statement failed is rolled back even when that was caught', async () => {
        const work = database.transaction(async (inside) => {
          await inside.run("INSERT INTO scores VALUES ('shop', 1, 0.5, 'x')");
          await expect(inside.run('INSERT INTO nowhere VALUES (1)')).rejects.toMatchObject({
            code: 'DATABASE_QUERY_FAILED',
            message: expect.stringContaining('nowhere') as string,
          });
        });
        await expect(work).rejects.toMatchObject({
          code: 'DATABASE_QUERY_FAILED',
          message: 'A statement of the transaction failed before, so all of it was rolled back.',
        });
        expect(await all()).toEqual([]);
      });

      test('transactions do not nest', async () => {
        const work = database.transaction((inside) => inside.transaction(() => Promise.resolve(1)));
        await expect(work).rejects.toThrow('do not nest');
      });

      test('the database is not closed within a transaction, which is rolled back', async () => {
        const work = database.transaction(async (inside) => {
          await inside.run("INSERT INTO scores VALUES ('shop', 1, 0.5, 'x')");
          await inside.close();
        });
        await expect(work).rejects.toThrow(new Error('The database is not closed within a transaction.'));
        expect(await all()).toEqual([]);
      });

      test('transactions and statements at the same time do not mix', async () => {
        const ended: string[] = [];
        const failing = database
          .transaction(async (inside) => {
            await inside.run("INSERT INTO scores VALUES ('shop', 1, 0.5, 'rolled back')");
            await new Promise((resolve) => setImmediate(resolve));
            throw new Error('on purpose');
          })
          .catch(() => ended.push('failed'));
        const others = Array.from({ length: 20 }, (_, index) =>
          index % 2 === 0
            ? database.run("INSERT INTO scores VALUES ('shop', ?, 0.5, 'kept')", [100 + index])
            : database.transaction((inside) =>
                inside.run("INSERT INTO scores VALUES ('shop', ?, 0.5, 'kept')", [100 + index]),
              ),
        );
        await Promise.all([failing, ...others]);
        expect(ended).toEqual(['failed']);
        expect((await all()).map(({ entity, note }) => [entity, note])).toEqual(
          Array.from({ length: 20 }, (_, index) => [100 + index, 'kept']),
        );
      });

      test('two connections see what the other has committed', async () => {
        const second = await openDatabase(url, { relativeTo: folder });
        const both = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? database : second));
        await Promise.all(both.map((one, index) => one.upsert(target, [['shop', index, index, 'x']])));
        expect(await second.query('SELECT count(*) AS rows FROM scores')).toEqual([{ rows: 10 }]);
        await second.close();
      });

      test.each(['SELECT * FROM nowhere', 'SELEKT 1', "INSERT INTO scores VALUES (NULL, 1, 0.5, 'x')"])(
        '%s is refused with the reason',
        async (sql) => {
          await expect(database.run(sql)).rejects.toMatchObject({
            code: 'DATABASE_QUERY_FAILED',
            message: expect.stringMatching(/nowhere|SELEKT|model/i) as string,
          });
          expect(await all()).toEqual([]);
        },
      );

      test('too few and too many parameters are refused', async () => {
        for (const parameters of [[1], [1, 2, 3]]) {
          await expect(database.query('SELECT 1 AS one WHERE ? = 1 OR ? = 1', parameters)).rejects.toMatchObject({
            code: 'DATABASE_QUERY_FAILED',
          });
        }
      });
    },
  );
}

describe('SQLite', () => {
  test('no room left is DISK_FULL, and what was there stays', async () => {
    const database = await openDatabase('sqlite:small.db', { relativeTo: folder });
    await database.run('CREATE TABLE t (id BIGINT PRIMARY KEY, text TEXT)');
    await database.run('PRAGMA max_page_count = 20');
    const rows = Array.from({ length: 1000 }, (_, index) => [index, 'x'.repeat(1000)]);
    await expect(database.upsert({ table: 't', columns: ['id', 'text'], key: ['id'] }, rows)).rejects.toMatchObject({
      code: 'DISK_FULL',
    });
    expect(await database.query('SELECT count(*) AS rows FROM t')).toEqual([{ rows: 0 }]);
    await database.close();
  });

  test('a file that is no database is DATABASE_UNREACHABLE', async () => {
    await writeFile(path.join(folder, 'other.db'), 'nothing of the kind '.repeat(1000));
    await expect(openDatabase('sqlite:other.db', { relativeTo: folder })).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
    });
  });

  test('a file that another program keeps locked is DATABASE_UNREACHABLE', async () => {
    const database = await openSqliteDatabase(path.join(folder, 'locked.db'), 20);
    await database.run('CREATE TABLE t (id BIGINT)');
    const other = new DatabaseSync(path.join(folder, 'locked.db'));
    other.exec('BEGIN IMMEDIATE');
    await expect(database.run('INSERT INTO t VALUES (1)')).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringContaining('locked') as string,
    });
    other.close();
    await database.close();
  });

  test('a new file that another connection is just making is waited for', async () => {
    const file = path.join(folder, 'new.db');
    const other = new DatabaseSync(file);
    other.exec('BEGIN EXCLUSIVE; CREATE TABLE t (id BIGINT)');
    // It is refused at once, as nobody else runs before the call comes back, and tries once more.
    const opening = openSqliteDatabase(file, 40);
    other.exec('COMMIT');
    const database = await opening;
    expect(await database.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await database.query('SELECT * FROM t')).toEqual([]);
    await database.close();
    other.close();
  });

  test('the outer database used within a transaction is an error, not a wait without end', async () => {
    const database = await openDatabase('sqlite:some.db', { relativeTo: folder });
    await expect(database.transaction(() => database.query('SELECT 1 AS one'))).rejects.toThrow('Within a transaction');
    await database.close();
  });

  test('several processes can make the same new file at once', async () => {
    const program = `
      import { openDatabase } from ${JSON.stringify(path.join(import.meta.dirname, 'open-database.ts'))};
      const database = await openDatabase('sqlite:new.db', { relativeTo: ${JSON.stringify(folder)} });
      await database.run('CREATE TABLE IF NOT EXISTS t (id BIGINT PRIMARY KEY)');
      await database.upsert({ table: 't', columns: ['id'], key: ['id'] }, [[process.pid]]);`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', program]);
    await Promise.all([run(), run(), run(), run()]);
    const database = await openDatabase('sqlite:new.db', { relativeTo: folder });
    expect(await database.query('SELECT count(*) AS rows FROM t')).toEqual([{ rows: 4 }]);
    await database.close();
  });

  test('it is in write-ahead mode', async () => {
    const database = await openDatabase('sqlite:some.db', { relativeTo: folder });
    expect(await database.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    await database.close();
  });
});

/** What opening throws, and all that can be seen of it. */
async function refusal(url: string): Promise<{ error: unknown; shown: string }> {
  const error: unknown = await openDatabase(url, { relativeTo: folder }).catch((thrown: unknown) => thrown);
  return { error, shown: inspect(error, { depth: 10 }) };
}

describe('an address that does not answer', () => {
  const unreachable = (part: string) => ({
    code: 'DATABASE_UNREACHABLE',
    message: expect.stringContaining(part) as string,
  });

  test('a port without a server is DATABASE_UNREACHABLE with the host and never the password', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { error, shown } = await refusal(`postgres://me:s3cret@127.0.0.1:${port}/db`);
    expect(error).toMatchObject(unreachable(`127.0.0.1:${port}`));
    expect(shown).not.toContain('s3cret');
  });

  test('a host that is not there is DATABASE_UNREACHABLE', async () => {
    const { error, shown } = await refusal('postgres://me:s3cret@nowhere.invalid/db');
    expect(error).toMatchObject(unreachable('nowhere.invalid'));
    expect(shown).not.toContain('s3cret');
  });

  test.each([
    ['postgres://me:s3cret/x@host/db', 'there is an @ after the host'],
    ['postgres://me:12/s3cret@host/db', 'there is an @ after the host'],
    ['postgres://me:s3cret#@host/db', 'there is an @ after the host'],
    ['postgres://me:s3cret@host:port/db', 'it is no URL'],
    ['mysql://me:s3cret@host/db', 'does not begin with sqlite: or postgres://, but with "mysql:"'],
  ])('the password is not shown of %s', async (url, why) => {
    const { error, shown } = await refusal(url);
    expect(error).toMatchObject(unreachable(why));
    expect(shown).not.toContain('s3cret');
  });
});

describe.skipIf(noPostgres !== undefined)('Postgres', () => {
  test.each([
    ['a wrong password', (url: URL) => (url.password = 's3cret'), /password authentication failed/],
    ['a database that is not there', (url: URL) => (url.pathname = '/nowhere'), /"nowhere" does not exist/],
  ])('%s is DATABASE_UNREACHABLE, and no password is shown', async (_, change, message) => {
    const url = new URL(process.env['CLEAVER_TEST_POSTGRES'] ?? '');
    change(url);
    const { error, shown } = await refusal(url.href);
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE', message: expect.stringMatching(message) as string });
    expect(error).toMatchObject({ message: expect.stringContaining(url.host) as string });
    expect(shown).not.toContain(url.password);
  });

  test.each([
    ['53100', 'DISK_FULL'],
    ['57P01', 'DATABASE_UNREACHABLE'],
    ['53300', 'DATABASE_UNREACHABLE'],
    ['22012', 'DATABASE_QUERY_FAILED'],
  ])('the state %s of the server is %s', async (state, code) => {
    const { url, drop } = await newSchema();
    const database = await openDatabase(url, { relativeTo: folder });
    await expect(
      database.run(`DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '${state}'; END $$`),
    ).rejects.toMatchObject({ code });
    await database.close();
    await drop();
  });

  test('a connection that the server closes fails its statement, and the next one gets a new one', async () => {
    const { url, drop } = await newSchema();
    const database = await openDatabase(url, { relativeTo: folder });
    await expect(database.run('SELECT pg_terminate_backend(pg_backend_pid())')).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
    });
    await expect(
      database.transaction(async (inside) => {
        await inside.run('SELECT pg_terminate_backend(pg_backend_pid())');
      }),
    ).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
    await drop();
  });
});
