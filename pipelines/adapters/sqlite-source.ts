import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { addDays, dayOf, type Day } from '../core/days.ts';
import { CleaverError } from '../core/errors.ts';
import { parseIsoTime } from '../core/iso-time.ts';
import { checkColumns, noTime, sourceQueryFailed, tableMissing, widened } from './source-errors.ts';
import type { Source, SourceRange, SourceTable, StageType, StageWriter } from './source.ts';
import { quoteName, relationOf } from './sql-text.ts';
import { sqliteError } from './sqlite-errors.ts';
import { declaredType, typeOfKinds } from './sqlite-types.ts';
import { StageValueError } from './stage-values.ts';

const BUSY_TIMEOUT_MS = 10_000;
const ROWS_PER_APPEND = 20_480;
const CODES = { unreachable: 'SOURCE_UNREACHABLE', queryFailed: 'SOURCE_QUERY_FAILED' } as const;

/**
 * A SQLite file, opened read-only for each call, so that a file that was replaced or has vanished is noticed. Time
 * columns hold ISO text. Rows whose time is NULL belong to no day and are never read.
 */
export function openSqliteSource(file: string, busyTimeoutMs = BUSY_TIMEOUT_MS): Source {
  async function asked<T>(table: SourceTable, work: (database: DatabaseSync) => T | Promise<T>): Promise<T> {
    const database = open(file, busyTimeoutMs);
    try {
      refuseMissing(database, table, file);
      return await work(database);
    } catch (error) {
      throw sqliteError(error, { ...CODES, file, what: `the query for the table ${table.name}` });
    } finally {
      database.close();
    }
  }

  open(file, busyTimeoutMs).close();
  return {
    kind: 'sqlite',
    span: (table) => asked(table, (database) => spanOf(database, table)),
    read: (table, range, stage, target) => asked(table, (database) => readRows(database, table, range, stage, target)),
    close: () => Promise.resolve(),
  };
}

function open(file: string, timeout: number): DatabaseSync {
  // SQLite's own message for it is only "unable to open database file".
  if (!existsSync(file)) {
    throw new CleaverError('SOURCE_UNREACHABLE', `There is no SQLite file ${file}.`, {
      hint: 'Give its path in source.url of model.ts; a relative path starts at the folder of the model.',
    });
  }
  try {
    return new DatabaseSync(file, { readOnly: true, timeout });
  } catch (error) {
    throw sqliteError(error, { ...CODES, file, what: 'to open it' });
  }
}

function refuseMissing(database: DatabaseSync, table: SourceTable, file: string): void {
  const sql =
    "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name";
  // Asked in any case: this is the first look into the file, and shows whether it is a database at all.
  const names = database
    .prepare(sql)
    .all()
    .map(({ name }) => String(name));
  if (table.sql !== undefined || names.some((name) => name.toLowerCase() === table.name.toLowerCase())) return;
  throw tableMissing(table, names, `The SQLite file ${file}`);
}

function checkTable(database: DatabaseSync, table: SourceTable): void {
  // The query as it is written: within another SQLite would rename a column that comes twice.
  const statement = database.prepare(table.sql ?? `SELECT * FROM ${quoteName(table.name)}`);
  const names = statement.columns().map(({ name }) => name);
  checkColumns(table, names);
}

function spanOf(database: DatabaseSync, table: SourceTable): { first: Day; last: Day } | undefined {
  const [time, relation] = [quoteName(table.time), relationOf(table)];
  checkTable(database, table);
  // Each end in a query of its own: so it is read off the end of an index.
  const ends = database.prepare(
    `SELECT (SELECT min(${time}) FROM ${relation}) AS first, (SELECT max(${time}) FROM ${relation}) AS last`,
  );
  ends.setReadBigInts(true);
  const { first = null, last = null } = ends.get() ?? {};
  if (first === null) return undefined;
  const [firstDay, lastDay] = [dayIn(timeOf(table, first)), dayIn(timeOf(table, last))];
  if (!hasOffset(first) && !hasOffset(last)) return { first: firstDay, last: lastDay };
  // Text with offsets does not sort as its times do: the true ends are among the rows of the outer days.
  const outer = database.prepare(`SELECT ${time} AS at FROM ${relation} WHERE ${time} < ? OR ${time} >= ?`);
  const days = outer.all(addDays(firstDay, 3), addDays(lastDay, -2)).map(({ at = null }) => dayIn(timeOf(table, at)));
  days.sort();
  return { first: days[0] ?? firstDay, last: days.at(-1) ?? lastDay };
}

async function readRows(
  database: DatabaseSync,
  table: SourceTable,
  range: SourceRange,
  stage: StageWriter,
  target: string,
): Promise<number> {
  checkTable(database, table);
  const statement = database.prepare(`SELECT * FROM ${relationOf(table)} WHERE ${conditionOn(table, range)}`);
  const columns = columnsOf(database, statement, table);
  await stage.ensureTable(target, columns);
  let count = 0;
  for (const cells of batches(statement, table, range)) {
    await stage.append(target, cells).catch((error: unknown) => {
      if (!(error instanceof StageValueError)) throw error;
      throw sourceQueryFailed(table, `in its column ${columns[error.column]?.name ?? ''} ${error.what}`, error);
    });
    count += cells[0]?.length ?? 0;
  }
  return count;
}

/** Rows as columns, some thousands at a time; the time column as microseconds. */
function* batches(statement: StatementSync, table: SourceTable, range: SourceRange): Generator<unknown[][]> {
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const names = statement.columns().map(({ name }) => name.toLowerCase());
  const time = names.indexOf(table.time.toLowerCase());
  const from = range.from === undefined ? undefined : parseIsoTime(range.from);
  const before = parseIsoTime(range.before) ?? 0n;
  const empty = () => names.map((): unknown[] => []);
  let cells = empty();
  for (const row of statement.iterate() as unknown as Iterable<SQLOutputValue[]>) {
    const at = timeOf(table, row[time] ?? null);
    if ((from !== undefined && at < from) || at >= before) continue;
    for (const [index, column] of cells.entries()) column.push(index === time ? at : row[index]);
    if ((cells[0]?.length ?? 0) < ROWS_PER_APPEND) continue;
    yield cells;
    cells = empty();
  }
  if ((cells[0]?.length ?? 0) > 0) yield cells;
}

/** The SQL condition of a range, which an index can answer. Of the days beside it only text with an offset may lie within. */
export function conditionOn({ time }: SourceTable, range: SourceRange): string {
  const wide = widened(range);
  const within = ({ from, before }: SourceRange) =>
    [...(from === undefined ? [] : [`${quoteName(time)} >= '${from}'`]), `${quoteName(time)} < '${before}'`].join(
      ' AND ',
    );
  return `${within(wide)} AND ((${within(range)}) OR substr(${quoteName(time)}, 12) GLOB '*[+-]*')`;
}

function columnsOf(
  database: DatabaseSync,
  statement: StatementSync,
  table: SourceTable,
): { name: string; type: StageType }[] {
  const columns = statement.columns();
  const kindsIn = (name: string) => {
    const rows = database.prepare(`SELECT DISTINCT typeof(${quoteName(name)}) AS kind FROM ${relationOf(table)}`).all();
    return new Set(rows.map(({ kind }) => String(kind)));
  };
  return columns.map(({ name, type }) => {
    if (name.toLowerCase() === table.time.toLowerCase()) return { name, type: 'TIMESTAMP' };
    return { name, type: declaredType(type) ?? typeOfKinds(kindsIn(name)) };
  });
}

function timeOf(table: SourceTable, value: SQLOutputValue): bigint {
  const micros = typeof value === 'string' ? parseIsoTime(value) : undefined;
  if (micros === undefined) throw noTime(table, value);
  return micros;
}

function hasOffset(value: SQLOutputValue): boolean {
  return typeof value === 'string' && /[+-]/.test(value.slice(11));
}

function dayIn(micros: bigint): Day {
  return dayOf(new Date(Math.floor(Number(micros) / 1000)));
}
