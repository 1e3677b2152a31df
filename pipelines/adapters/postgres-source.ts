import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { parseDay, type Day } from '../core/days.ts';
import { diskError } from './files.ts';
import { postgresConnections, type PostgresConnections } from './postgres-connection.ts';
import { checkColumns, noTime, sourceQueryFailed, tableMissing, widened } from './source-errors.ts';
import type { Source, SourceRange, SourceTable, StageType, StageWriter } from './source.ts';
import { quoteName, quoteText, relationOf } from './sql-text.ts';

const SNAPSHOT =
  "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'";
const INVALID_TIME: readonly string[] = ['22007', '22008'];

/**
 * A Postgres database, read in one snapshot per call. Times are in UTC: those without a zone are taken to be so. Rows
 * whose time is NULL belong to no day and are never read.
 */
export async function openPostgresSource(url: string): Promise<Source> {
  const connections = postgresConnections(url, {
    unreachable: 'SOURCE_UNREACHABLE',
    queryFailed: 'SOURCE_QUERY_FAILED',
  });
  const { pool } = connections;
  const source: Source = {
    kind: 'postgres',
    span: (table) => asked(connections, table, (client) => spanOf(client, table)),
    read: (table, range, stage, target) =>
      asked(connections, table, (client) => readRows(client, table, range, stage, target)),
    close: () => pool.end(),
  };
  try {
    await pool.query('SELECT 1');
    return source;
  } catch (error) {
    // The pool holds no connection then, so nothing is left to close.
    throw connections.translate(error, 'SELECT 1');
  }
}

async function asked<T>(
  { inTransaction, translate }: PostgresConnections,
  table: SourceTable,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  try {
    return await inTransaction(SNAPSHOT, async (client) => {
      await refuseMissing(client, table);
      return await work(client);
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError && INVALID_TIME.includes(error.code ?? ''))
      throw sourceQueryFailed(table, `of its column ${table.time} the server says: ${error.message}`, error);
    throw translate(error, `the query for the table ${table.name}`);
  }
}

async function refuseMissing(client: pg.PoolClient, table: SourceTable): Promise<void> {
  if (table.sql !== undefined) return;
  const found = await client.query<{ it: string | null }>('SELECT to_regclass($1) AS it', [quoteName(table.name)]);
  if (found.rows[0]?.it !== null) return;
  const { rows } = await client.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false)) ORDER BY 1',
  );
  throw tableMissing(
    table,
    rows.map(({ name }) => name),
    'The Postgres database',
  );
}

async function spanOf(client: pg.PoolClient, table: SourceTable): Promise<{ first: Day; last: Day } | undefined> {
  const { time } = await describe(client, table);
  const sql = `SELECT (min(${time.value}))::date AS first, (max(${time.value}))::date AS last FROM ${relationOf(table)}`;
  const [{ first, last } = { first: null, last: null }] = (
    await client.query<{ first: string | null; last: string | null }>(sql)
  ).rows;
  if (first === null || last === null) return undefined;
  // `infinity` is a time for Postgres.
  for (const day of [first, last]) if (parseDay(day) === undefined) throw noTime(table, day);
  return { first, last };
}

async function readRows(
  client: pg.PoolClient,
  table: SourceTable,
  range: SourceRange,
  stage: StageWriter,
  target: string,
): Promise<number> {
  const { columns, time } = await describe(client, table);
  const condition = [
    ...within(time.column, time.isText ? widened(range) : range),
    ...(time.isText ? within(time.value, range) : []),
  ];
  const query = `SELECT ${columns.map(({ value }) => value).join(', ')} FROM ${relationOf(table)} WHERE ${condition.join(' AND ')}`;
  const file = await stage.scratchFile(`${target}.csv`);
  try {
    await copyToFile(client, query, file);
    await stage.ensureTable(target, columns);
    const types = columns.map(({ name, type }) => `${quoteText(name)}: '${type}'`).join(', ');
    // Postgres quotes an empty text and writes nothing for NULL; here they stay apart.
    const csv = `read_csv(${quoteText(file)}, columns = {${types}}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false)`;
    return await stage.run(`INSERT INTO ${quoteName(target)} SELECT * FROM ${csv}`);
  } finally {
    await rm(file, { force: true });
  }
}

async function copyToFile(client: pg.PoolClient, query: string, file: string): Promise<void> {
  try {
    await pipeline(client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT csv)`)), createWriteStream(file));
  } catch (error) {
    // The server still sends rows that nobody takes: on this connection no other statement would ever be answered.
    if (!(error instanceof pg.DatabaseError)) await client.end();
    throw diskError(error, file);
  }
}

interface Description {
  columns: { name: string; type: StageType; value: string }[];
  /** `column` as it stands, for an index; `value` as timestamp in UTC. */
  time: { column: string; value: string; isText: boolean };
}

// Numbers of the types in pg_type, the same on every server.
const TYPES: ReadonlyMap<number, StageType> = new Map<number, StageType>([
  [16, 'BOOLEAN'],
  ...[20, 21, 23, 26].map((oid) => [oid, 'BIGINT'] as const),
  ...[700, 701, 1700].map((oid) => [oid, 'DOUBLE'] as const),
  [1082, 'DATE'],
  [1114, 'TIMESTAMP'],
  [1184, 'TIMESTAMP'],
]);
const TIMESTAMPTZ = 1184;
const TEXT: readonly number[] = [25, 1042, 1043];

async function describe(client: pg.PoolClient, table: SourceTable): Promise<Description> {
  const { fields } = await client.query(`SELECT * FROM ${relationOf(table)} LIMIT 0`);
  checkColumns(
    table,
    fields.map(({ name }) => name),
  );
  const isTime = (name: string) => name.toLowerCase() === table.time.toLowerCase();
  const field = fields.find(({ name }) => isTime(name));
  const column = quoteName(field?.name ?? table.time);
  const oid = field?.dataTypeID ?? 0;
  const isText = TEXT.includes(oid);
  if (!isText && TYPES.get(oid) !== 'TIMESTAMP' && TYPES.get(oid) !== 'DATE')
    throw noTime(table, await exampleOf(client, table, column));
  const time = { column, isText, value: isText ? `(${column}::timestamptz AT TIME ZONE 'UTC')` : utc(column, oid) };
  const columns = fields.map(({ name, dataTypeID }) =>
    isTime(name)
      ? { name, type: 'TIMESTAMP' as const, value: time.value }
      : { name, type: TYPES.get(dataTypeID) ?? ('VARCHAR' as const), value: utc(quoteName(name), dataTypeID) },
  );
  return { columns, time };
}

function utc(column: string, oid: number): string {
  return oid === TIMESTAMPTZ ? `(${column} AT TIME ZONE 'UTC')` : column;
}

async function exampleOf(client: pg.PoolClient, table: SourceTable, column: string): Promise<string> {
  const { rows } = await client.query<{ value: string }>(
    `SELECT ${column}::text AS value FROM ${relationOf(table)} WHERE ${column} IS NOT NULL LIMIT 1`,
  );
  return rows[0]?.value ?? 'no time type';
}

function within(value: string, { from, before }: SourceRange): string[] {
  return [...(from === undefined ? [] : [`${value} >= ${quoteText(from)}`]), `${value} < ${quoteText(before)}`];
}
