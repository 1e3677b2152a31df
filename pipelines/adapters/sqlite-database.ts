import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { CleaverError } from '../core/errors.ts';
import type { Database, SqlValue } from './database.ts';
import { diskError } from './files.ts';
import { isBusy, sqliteError } from './sqlite-errors.ts';
import { queryRows, runStatement, upsertRows } from './sqlite-statements.ts';

const BUSY_TIMEOUT_MS = 10_000;
const RETRY_MS = 20;

// SQLite waits for a lock on this thread, so that a transaction of another connection in this process could never end
// meanwhile: all connections to a file take turns.
const lastTurns = new Map<string, Promise<unknown>>();
const within = new AsyncLocalStorage<string>();

/** A SQLite file in write-ahead mode, made when it is not there. What is called while a transaction is open waits for its end. */
export async function openSqliteDatabase(file: string, busyTimeoutMs = BUSY_TIMEOUT_MS): Promise<Database> {
  const translate = (error: unknown) =>
    sqliteError(error, {
      file,
      what: 'a statement',
      unreachable: 'DATABASE_UNREACHABLE',
      queryFailed: 'DATABASE_QUERY_FAILED',
    });
  const connection = await connect(file, busyTimeoutMs, translate);

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

async function connect(file: string, timeout: number, translate: (error: unknown) => unknown): Promise<DatabaseSync> {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const connection = new DatabaseSync(file, { timeout });
    await enterWriteAheadMode(connection, Math.ceil(timeout / RETRY_MS));
    return connection;
  } catch (error) {
    throw diskError(translate(error), file);
  }
}

/** Of several that make a new file at once SQLite lets one change its mode, and the others do not wait but fail. */
async function enterWriteAheadMode(connection: DatabaseSync, tries: number): Promise<void> {
  try {
    connection.exec('PRAGMA journal_mode = WAL');
  } catch (error) {
    if (!isBusy(error) || tries <= 1) {
      connection.close();
      throw error;
    }
    await setTimeout(RETRY_MS);
    await enterWriteAheadMode(connection, tries - 1);
  }
}

type Guard = <T>(work: () => T | Promise<T>) => Promise<T>;

function statements(connection: DatabaseSync, guard: Guard): Pick<Database, 'kind' | 'run' | 'query'> {
  return {
    kind: 'sqlite',
    run: (sql, parameters = []) =>
      guard(() => {
        runStatement(connection, sql, parameters);
      }),
    query: <Row extends Record<string, unknown>>(sql: string, parameters: readonly SqlValue[] = []) =>
      guard(() => queryRows(connection, sql, parameters) as Row[]),
  };
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
