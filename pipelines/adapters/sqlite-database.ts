import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { CleaverError } from '../core/errors.ts';
import type { Database, SqlValue, UpsertTarget } from './database.ts';
import { diskError } from './files.ts';
import { countPlaceholders } from './placeholders.ts';
import { quoteName } from './sql-text.ts';
import { sqliteError } from './sqlite-errors.ts';

const BUSY_TIMEOUT_MS = 10_000;
const ROWS_PER_TURN = 2000;

// SQLite waits for a lock on this thread, so that a transaction of another connection in this process could never end
// meanwhile: all connections to a file take turns.
const lastTurns = new Map<string, Promise<unknown>>();
const within = new AsyncLocalStorage<string>();

/** A SQLite file in write-ahead mode, made when it is not there. What is called while a transaction is open waits for its end. */
export function openSqliteDatabase(file: string, busyTimeoutMs = BUSY_TIMEOUT_MS): Database {
  const translate = (error: unknown) =>
    sqliteError(error, {
      file,
      what: 'a statement',
      unreachable: 'DATABASE_UNREACHABLE',
      queryFailed: 'DATABASE_QUERY_FAILED',
    });
  const connection = connect(file, busyTimeoutMs, translate);

  async function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    // It would wait for the end of the transaction that waits for it.
    if (within.getStore() === file)
      throw new Error('Within a transaction use the database that it hands over; they do not nest.');
    const turn = (lastTurns.get(file) ?? Promise.resolve()).then(work);
    const ended = turn.catch(() => undefined);
    lastTurns.set(file, ended);
    try {
      return await turn;
    } catch (error) {
      throw translate(error);
    }
  }

  return {
    ...statements(connection, inTurn),
    upsert: (target, rows) => inTurn(() => transact(connection, () => upsertRows(connection, target, rows))),
    transaction: (work) => inTurn(() => within.run(file, () => transactWork(connection, translate, work))),
    async close() {
      await inTurn(() => {
        connection.close();
      });
    },
  };
}

function connect(file: string, timeout: number, translate: (error: unknown) => unknown): DatabaseSync {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const connection = new DatabaseSync(file, { timeout });
    connection.exec('PRAGMA journal_mode = WAL');
    return connection;
  } catch (error) {
    throw diskError(translate(error), file);
  }
}

type Guard = <T>(work: () => T | Promise<T>) => Promise<T>;

function statements(connection: DatabaseSync, guard: Guard): Pick<Database, 'kind' | 'run' | 'query'> {
  return {
    kind: 'sqlite',
    run: (sql, parameters = []) =>
      guard(() => {
        prepare(connection, sql, parameters).run(...parameters.map(inputOf));
      }),
    query: <Row extends Record<string, unknown>>(sql: string, parameters: readonly SqlValue[] = []) =>
      guard(() => queryRows(connection, sql, parameters) as Row[]),
  };
}

function queryRows(connection: DatabaseSync, sql: string, parameters: readonly SqlValue[]): Record<string, unknown>[] {
  const statement = prepare(connection, sql, parameters);
  statement.setReadBigInts(true);
  const columns = statement.columns().map(({ name, type }) => ({ name, isBoolean: /^bool/i.test(type ?? '') }));
  return statement
    .all(...parameters.map(inputOf))
    .map((row) =>
      Object.fromEntries(columns.map(({ name, isBoolean }) => [name, outputOf(row[name] ?? null, isBoolean)])),
    );
}

/** SQLite takes a parameter that is not given for NULL; here it is an error, as in Postgres. */
function prepare(connection: DatabaseSync, sql: string, parameters: readonly SqlValue[]) {
  const wanted = countPlaceholders(sql);
  if (wanted === parameters.length) return connection.prepare(sql);
  throw new CleaverError(
    'DATABASE_QUERY_FAILED',
    `The statement has ${wanted} placeholders, but ${parameters.length} parameters were given: ${sql}`,
    {
      hint: 'Give one parameter for each ? outside strings and comments.',
    },
  );
}

async function transact<T>(connection: DatabaseSync, work: () => Promise<T>): Promise<T> {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = await work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has rolled back by itself.
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

async function transactWork<T>(
  connection: DatabaseSync,
  translate: (error: unknown) => unknown,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = [];
  const guard: Guard = async (step) => {
    try {
      return await step();
    } catch (error) {
      failures.push(error);
      throw translate(error);
    }
  };
  const database: Database = {
    ...statements(connection, guard),
    upsert: (target, rows) => guard(() => upsertRows(connection, target, rows)),
    transaction: () => Promise.reject(new Error('A transaction is open already; they do not nest.')),
    close: () => Promise.reject(new Error('The database is not closed within a transaction.')),
  };
  return await transact(connection, async () => {
    const result = await work(database);
    // Postgres can only roll back then; that both do the same shows the fault at home.
    if (failures.length > 0) throw failedBefore(failures[0]);
    return result;
  });
}

async function upsertRows(
  connection: DatabaseSync,
  { table, columns, key }: UpsertTarget,
  rows: Iterable<readonly SqlValue[]>,
): Promise<number> {
  const changes = columns
    .filter((column) => !key.includes(column))
    .map((column) => `${quoteName(column)} = excluded.${quoteName(column)}`);
  const onConflict = changes.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${changes.join(', ')}`;
  const statement = connection.prepare(
    `INSERT INTO ${quoteName(table)} (${columns.map(quoteName).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (${key.map(quoteName).join(', ')}) ${onConflict}`,
  );
  let count = 0;
  for (const row of rows) {
    statement.run(...row.map(inputOf));
    // SQLite works on this thread: requests that wait for it get their turn.
    if (++count % ROWS_PER_TURN === 0) await setImmediate();
  }
  return count;
}

function inputOf(value: SqlValue): SQLInputValue {
  if (typeof value === 'boolean') return Number(value);
  return value instanceof Date ? value.toISOString() : value;
}

function outputOf(value: SQLOutputValue, isBoolean: boolean): unknown {
  if (typeof value !== 'bigint') return value;
  if (isBoolean) return value !== 0n;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function failedBefore(cause: unknown): CleaverError {
  return new CleaverError(
    'DATABASE_QUERY_FAILED',
    'A statement of the transaction failed before, so all of it was rolled back.',
    {
      hint: 'Mend the statement that failed; within a transaction an error cannot be passed over.',
      cause,
    },
  );
}
