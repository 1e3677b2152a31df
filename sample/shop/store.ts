import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { addDays, type Day } from '../../pipelines/core/days.ts';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';
import type { CustomerColumns, DayRows } from './day-rows.ts';

/** The sample shop's database: a SQLite file with the tables customers, visits, orders and offers. */
export interface ShopStore {
  /** Adds customers who joined on a day; those of the same number are replaced. */
  writeCustomers(joinedOn: Day, customers: CustomerColumns): void;
  /** Writes a day with its new customers in one transaction; a day that is there already is replaced. */
  writeDay(rows: DayRows): void;
  close(): void;
}

/** Times are text, `YYYY-MM-DD HH:MM:SS`, UTC; money is in EUR. */
const SCHEMA = `
  PRAGMA journal_mode = wal;
  PRAGMA synchronous = normal;
  CREATE TABLE IF NOT EXISTS customers (
    customer_id INTEGER PRIMARY KEY, joined_on TEXT NOT NULL,
    category TEXT NOT NULL, age_group TEXT NOT NULL, region TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS visits (customer_id INTEGER NOT NULL, visited_at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS orders (customer_id INTEGER NOT NULL, ordered_at TEXT NOT NULL, amount REAL NOT NULL, margin REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS offers (customer_id INTEGER NOT NULL, offered_at TEXT NOT NULL, cost REAL NOT NULL);
  CREATE INDEX IF NOT EXISTS customers_joined_on ON customers (joined_on);
  CREATE INDEX IF NOT EXISTS visits_visited_at ON visits (visited_at);
  CREATE INDEX IF NOT EXISTS orders_ordered_at ON orders (ordered_at);
  CREATE INDEX IF NOT EXISTS offers_offered_at ON offers (offered_at);`;

const LOCK_WAIT_MS = 5000;

// The numbers are SQLite's: BUSY 5, READONLY 8, IOERR 10, FULL 13, CANTOPEN 14, NOTADB 26.
const MENDABLE = [
  {
    code: 'DISK_FULL',
    causes: new Set<unknown>([13, 'ENOSPC']),
    hint: 'Free some room on the disk, then run the same command again.',
  },
  {
    code: 'BUSY',
    causes: new Set<unknown>([5]),
    hint: 'Wait until the other program has written to the file, or end it.',
  },
  {
    code: 'STATE_UNWRITABLE',
    causes: new Set<unknown>([8, 10, 14, 26, 'EACCES', 'EEXIST', 'ENOTDIR', 'EPERM', 'EROFS']),
    hint: 'Give a file in a folder that you can write to; see CLEAVER_HOME.',
  },
] as const;

/** Opens the database file, making it and its folder when they are not there. Errors: STATE_UNWRITABLE, DISK_FULL, BUSY. */
export function openShopStore(file: string): ShopStore {
  const database = mending(file, () => openDatabase(file));
  const insertCustomer = database.prepare('INSERT OR REPLACE INTO customers VALUES (?, ?, ?, ?, ?)');
  const tables = [
    { name: 'visits', time: 'visited_at', insert: database.prepare('INSERT INTO visits VALUES (?, ?)') },
    { name: 'orders', time: 'ordered_at', insert: database.prepare('INSERT INTO orders VALUES (?, ?, ?, ?)') },
    { name: 'offers', time: 'offered_at', insert: database.prepare('INSERT INTO offers VALUES (?, ?, ?)') },
  ] as const;
  const removals = tables.map(({ name, time }) =>
    database.prepare(`DELETE FROM ${name} WHERE ${time} >= ? AND ${time} < ?`),
  );

  const addCustomers = (joinedOn: Day, { customerId, category, ageGroup, region }: CustomerColumns) => {
    eachRow([customerId, customerId.map(() => joinedOn), category, ageGroup, region], (row) =>
      insertCustomer.run(...row),
    );
  };
  const inTransaction = (work: () => void) => {
    mending(file, () => {
      database.exec('BEGIN IMMEDIATE');
      try {
        work();
        database.exec('COMMIT');
      } catch (error) {
        // A full disk may have rolled back already.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });
  };

  return {
    writeCustomers: (joinedOn, customers) => {
      inTransaction(() => {
        addCustomers(joinedOn, customers);
      });
    },
    writeDay: (rows) => {
      inTransaction(() => {
        for (const removal of removals) removal.run(rows.day, addDays(rows.day, 1));
        addCustomers(rows.day, rows.joined);
        for (const { name, insert } of tables) {
          const { customerId, second, ...others } = rows[name];
          const at = second.map((ofDay) => timeText(rows.day, ofDay));
          eachRow([customerId, at, ...Object.values(others)], (row) => insert.run(...row));
        }
      });
    },
    close: () => {
      database.close();
    },
  };
}

function openDatabase(file: string): DatabaseSync {
  mkdirSync(path.dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
  database.exec(SCHEMA);
  return database;
}

function eachRow(columns: readonly (readonly SQLInputValue[])[], use: (row: SQLInputValue[]) => void): void {
  const rows = columns[0]?.length ?? 0;
  for (let row = 0; row < rows; row++) use(columns.map((column) => column[row] ?? null));
}

function timeText(day: Day, second: number): string {
  const two = (number: number) => (number < 10 ? `0${number}` : String(number));
  return `${day} ${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}

/** Says of a failure of the file what its reader can do about it; any other failure is a bug and stays as it is. */
function mending<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const mendable = MENDABLE.find(({ causes }) => causes.has(causeOf(error)));
    if (mendable === undefined) throw error;
    const message = `The sample shop cannot write ${file}: ${messageOf(error)}.`;
    throw new CleaverError(mendable.code, message, { hint: mendable.hint, cause: error });
  }
}

/** SQLite's primary result code, else the code of a system error. */
function causeOf(error: unknown): number | string | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number };
  return errcode === undefined ? code : errcode & 0xff;
}
