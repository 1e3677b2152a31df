import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Database, SqlValue, UpsertTarget } from './database.ts';
import { numberPlaceholders } from './placeholders.ts';
import { postgresConnections, type PostgresConnections } from './postgres-connection.ts';
import { quoteName } from './sql-text.ts';

const ROWS_PER_WRITE = 1000;
const STAGING = '"cleaver_upsert"';

/** A Postgres database. Its statements run on a pool of connections, each transaction on one of them. */
export async function openPostgresDatabase(url: string): Promise<Database> {
  const connections = postgresConnections(url, {
    unreachable: 'DATABASE_UNREACHABLE',
    queryFailed: 'DATABASE_QUERY_FAILED',
  });
  const { pool } = connections;
  const inTransaction = <T>(work: (client: pg.PoolClient) => Promise<T>) =>
    translated(connections, () => connections.inTransaction('BEGIN', work));
  const database: Database = {
    ...statements(connections, pool),
    upsert: (target, rows) => inTransaction((client) => upsertRows(client, target, rows)),
    transaction: (work) => inTransaction((client) => work(transactionOn(connections, client))),
    close: () => pool.end(),
  };
  // Where this fails the pool holds no connection, so nothing is left to close.
  await database.query('SELECT 1 AS one');
  return database;
}

function statements(
  connections: PostgresConnections,
  runner: pg.Pool | pg.PoolClient,
): Pick<Database, 'kind' | 'run' | 'query'> {
  const send = (sql: string, parameters: readonly SqlValue[]) =>
    translated(connections, () =>
      // Without parameters a `?` is left alone: it is an operator of Postgres's own.
      parameters.length === 0 ? runner.query(sql) : runner.query(numberPlaceholders(sql), parameters.map(parameterOf)),
    );
  return {
    kind: 'postgres',
    async run(sql, parameters = []) {
      await send(sql, parameters);
    },
    async query<Row extends Record<string, unknown>>(sql: string, parameters: readonly SqlValue[] = []) {
      return (await send(sql, parameters)).rows as Row[];
    },
  };
}

function transactionOn(connections: PostgresConnections, client: pg.PoolClient): Database {
  return {
    ...statements(connections, client),
    upsert: (target, rows) => translated(connections, () => upsertRows(client, target, rows)),
    transaction: () => Promise.reject(new Error('A transaction is open already; they do not nest.')),
    close: () => Promise.reject(new Error('The database is not closed within a transaction.')),
  };
}

async function upsertRows(
  client: pg.PoolClient,
  { table, columns, key }: UpsertTarget,
  rows: Iterable<readonly SqlValue[]>,
): Promise<number> {
  const [into, names, keys] = [quoteName(table), columns.map(quoteName).join(', '), key.map(quoteName).join(', ')];
  const changes = columns
    .filter((column) => !key.includes(column))
    .map((column) => `${quoteName(column)} = excluded.${quoteName(column)}`);
  const onConflict = changes.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${changes.join(', ')}`;
  await client.query(`CREATE TEMPORARY TABLE ${STAGING} ON COMMIT DROP AS SELECT ${names} FROM ${into} WITH NO DATA`);
  const copy = client.query(copyFrom(`COPY ${STAGING} (${names}) FROM STDIN`));
  await pipeline(Readable.from(copyText(rows)), copy);
  // Of rows with the same key the last one counts, as it does where rows are written one by one; ctid is their order.
  // The order by key also keeps two deliveries at once from waiting for each other in a circle.
  await client.query(
    `INSERT INTO ${into} (${names}) SELECT DISTINCT ON (${keys}) ${names} FROM ${STAGING} ORDER BY ${keys}, ctid DESC ON CONFLICT (${keys}) ${onConflict}`,
  );
  await client.query(`DROP TABLE ${STAGING}`);
  return copy.rowCount;
}

/** Rows in the text format of COPY. */
function* copyText(rows: Iterable<readonly SqlValue[]>): Generator<string> {
  let lines: string[] = [];
  for (const row of rows) {
    lines.push(`${row.map(copyField).join('\t')}\n`);
    if (lines.length < ROWS_PER_WRITE) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyField(value: SqlValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
  return String(parameterOf(value));
}

/** A Date goes as ISO text: the driver would write it in this machine's time zone. */
function parameterOf(value: SqlValue): Exclude<SqlValue, Date> {
  return value instanceof Date ? value.toISOString() : value;
}

async function translated<T>(connections: PostgresConnections, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw connections.translate(error, 'a statement');
  }
}
