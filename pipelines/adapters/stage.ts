import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { CleaverError } from '../core/errors.ts';
import type { StageType, StageWriter } from './source.ts';
import { onDisk } from './files.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { appendColumns } from './stage-append.ts';
import { openingError, stageBusy, stageError } from './stage-errors.ts';
import { readColumns, type StageColumn, type StageRow } from './stage-results.ts';

/**
 * A DuckDB database on one connection: whatever runs while a transaction is open belongs to it. Errors: DISK_FULL,
 * DISK_FAILED; an SQL error is thrown as DuckDB gives it, since only the caller knows whose SQL it was.
 */
export interface Stage extends StageWriter {
  /** All rows of a query; its values are as {@link StageRow} says. */
  rows<Row extends { [Column in keyof Row]: StageRow[string] }>(sql: string): Promise<Row[]>;
  /** A result column by column: the quick way for many rows. */
  columns(sql: string): Promise<StageColumn[]>;
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. They do not nest. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Where the stage makes a folder of its own for what it spills and for scratch files; `close` removes that. */
  scratch: string;
  /** By default 512. */
  memoryLimitMb?: number;
  /** By default 2. */
  threads?: number;
}

// The lock on a file keeps other processes out, but not a second opener in this one.
const openFiles = new Set<string>();

/** Opens a DuckDB file, or `:memory:`; times are UTC. Errors: BUSY (it is open elsewhere), STATE_UNWRITABLE, DISK_FULL. */
export async function openStage(file: string, options: StageOptions): Promise<Stage> {
  const scratch = path.join(path.resolve(options.scratch), `stage-${randomUUID()}`);
  const { connection, release } = await connect(file, scratch, options);
  return stageOn(connection, file, scratch, release);
}

function stageOn(connection: DuckDBConnection, file: string, scratch: string, release: () => void): Stage {
  let inTransaction = false;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw stageError(error, file);
    }
  };
  const run = (sql: string) => guarded(async () => (await connection.run(sql)).rowsChanged);
  const columns = (sql: string) => guarded(async () => await readColumns(await connection.run(sql)));
  const rows = async <Row>(sql: string) => rowsOf(await columns(sql)) as Row[];
  const columnsOf = (table: string) =>
    rows<StageTableColumn>(
      `SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE table_name = ${quoteText(table)} ORDER BY column_index`,
    );

  return {
    run,
    columns,
    rows,

    async ensureTable(target, wanted) {
      const present = await columnsOf(target);
      if (describe(present) === describe(wanted)) return;
      const [kept] = present.length === 0 ? [] : await rows(`SELECT 1 AS kept FROM ${quoteName(target)} LIMIT 1`);
      if (kept !== undefined) throw columnsChanged(target, present, wanted);
      const columns = wanted.map(({ name, type }) => `${quoteName(name)} ${type}`);
      await run(`CREATE OR REPLACE TABLE ${quoteName(target)} (${columns.join(', ')})`);
    },

    append: (target, values) => guarded(() => appendColumns(connection, target, values)),

    async scratchFile(name) {
      await onDisk(scratch, () => mkdir(scratch, { recursive: true }));
      return path.join(scratch, name);
    },

    async transaction(work) {
      if (inTransaction) throw new Error('A transaction of the stage is open already; they do not nest.');
      inTransaction = true;
      try {
        await run('BEGIN');
        const result = await work();
        await run('COMMIT');
        return result;
      } catch (error) {
        // exception-test allow swallowed until 2027-11-30: a COMMIT that failed has rolled back by itself, and the first error is the one to tell
        await connection.run('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        inTransaction = false;
      }
    },

    async close() {
      release();
      await onDisk(scratch, () => rm(scratch, { recursive: true, force: true }));
    },
  };
}

interface StageTableColumn {
  name: string;
  type: StageType;
}

async function connect(file: string, scratch: string, { memoryLimitMb = 512, threads = 2 }: StageOptions) {
  const key = file === ':memory:' ? scratch : path.resolve(file);
  if (openFiles.has(key)) throw stageBusy(file, String(process.pid));
  try {
    using opened = new DisposableStack();
    openFiles.add(key);
    opened.defer(() => openFiles.delete(key));
    // DuckDB makes the last folder of this path when it first spills, but not those above.
    mkdirSync(path.dirname(scratch), { recursive: true });
    const instance = await DuckDBInstance.create(file, {
      memory_limit: `${memoryLimitMb}MB`,
      threads: String(threads),
      temp_directory: scratch,
      // Nothing is ever fetched; all that is used is built in.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // DuckDB keeps what it has read of a file, and takes a file with the same inode, size and second of change for the
      // same. A scratch file that is written anew under its name can be all that; the rows would be the old ones.
      enable_external_file_cache: 'false',
    });
    opened.defer(() => {
      instance.closeSync();
    });
    const connection = await instance.connect();
    opened.defer(() => {
      connection.closeSync();
    });
    await connection.run("SET TimeZone = 'UTC'");
    const whole = opened.move();
    const release = () => {
      whole.dispose();
    };
    return { connection, release };
  } catch (error) {
    throw openingError(error, file);
  }
}

function rowsOf(columns: readonly StageColumn[]): StageRow[] {
  const count = columns[0]?.values.length ?? 0;
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row] ?? null])),
  );
}

function describe(columns: readonly StageTableColumn[]): string {
  return columns.map(({ name, type }) => `${name} ${type}`).join(', ');
}

function columnsChanged(
  target: string,
  present: readonly StageTableColumn[],
  wanted: readonly StageTableColumn[],
): CleaverError {
  return new CleaverError(
    'SOURCE_QUERY_FAILED',
    `The columns of ${target} have changed: it was read with (${describe(present)}), and now has (${describe(wanted)}).`,
    {
      hint: 'Name the columns as they were in `sql` of the table in model.ts, or remove the stage file to read all again.',
    },
  );
}
