import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { CleaverError } from '../core/errors.ts';
import type { SqlValue, UpsertTarget } from './database.ts';
import { countPlaceholders } from './placeholders.ts';
import { quoteName } from './sql-text.ts';

const ROWS_PER_TURN = 2000;

/** Runs one statement that returns nothing. */
export function runStatement(connection: DatabaseSync, sql: string, parameters: readonly SqlValue[]): void {
  prepare(connection, sql, parameters).run(...parameters.map(inputOf));
}

/** All rows of a query, with values as `openDatabase` promises them. */
export function queryRows(
  connection: DatabaseSync,
  sql: string,
  parameters: readonly SqlValue[],
): Record<string, unknown>[] {
  const statement = prepare(connection, sql, parameters);
  statement.setReadBigInts(true);
  const columns = statement.columns().map(({ name, type }) => ({ name, isBoolean: /^bool/i.test(type ?? '') }));
  return statement
    .all(...parameters.map(inputOf))
    .map((row) =>
      Object.fromEntries(columns.map(({ name, isBoolean }) => [name, outputOf(row[name] ?? null, isBoolean)])),
    );
}

/** Inserts rows one by one, within the caller's transaction, giving other work its turn meanwhile; answers how many. */
export async function upsertRows(
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

/** SQLite takes a parameter that is not given for NULL; here it is an error, as in Postgres. */
function prepare(connection: DatabaseSync, sql: string, parameters: readonly SqlValue[]): StatementSync {
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

function inputOf(value: SqlValue): SQLInputValue {
  if (typeof value === 'boolean') return Number(value);
  return value instanceof Date ? value.toISOString() : value;
}

function outputOf(value: SQLOutputValue, isBoolean: boolean): unknown {
  if (typeof value !== 'bigint') return value;
  if (isBoolean) return value !== 0n;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
