import { rm } from 'node:fs/promises';
import os from 'node:os';
import type { Day } from '../core/days.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
import { fileRelation, listFolder } from './file-tables.ts';
import { checkColumns, noTime, sourceQueryFailed } from './source-errors.ts';
import type { Source, SourceRange, SourceTable, StageType, StageWriter } from './source.ts';
import { quoteName, quoteText, relationOf } from './sql-text.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * A folder of CSV and Parquet files: a table is `<name>.csv`, `<name>.parquet`, or a folder `<name>` of either; or its
 * `sql` is a DuckDB query in which file names start at the folder. CSV files have a header, and an empty field is NULL.
 * Times without an offset are UTC; rows whose time is NULL belong to no day and are never read. All runs in a DuckDB of
 * its own, so that a query cannot touch the stage.
 */
export async function openFilesSource(folder: string): Promise<Source> {
  await listFolder(folder);
  const reader = await openStage(':memory:', { scratch: os.tmpdir() });
  await reader.run(`SET file_search_path = ${quoteText(folder)}`);
  const asked = async <T>(table: SourceTable, work: (query: FilesQuery) => Promise<T>) => {
    try {
      const relation = table.sql === undefined ? await fileRelation(reader, folder, table) : relationOf(table);
      return await work(await describe(reader, table, relation));
    } catch (error) {
      throw filesError(error, table, folder);
    }
  };
  return {
    kind: 'files',
    span: (table) => asked(table, (query) => spanOf(reader, table, query)),
    read: async (table, range, stage, target) => {
      const file = await stage.scratchFile(`${target}.parquet`);
      try {
        const columns = await asked(table, (query) => copyOut(reader, table, query, range, file));
        return await takeIn(stage, target, columns, file);
      } finally {
        await rm(file, { force: true });
      }
    },
    close: () => reader.close(),
  };
}

interface FilesQuery {
  relation: string;
  columns: { name: string; type: string }[];
  /** `column` as it stands, for the statistics of Parquet files; `value` as TIMESTAMP, NULL where it cannot be read. */
  time: { column: string; value: string; isText: boolean };
}

async function describe(reader: Stage, table: SourceTable, relation: string): Promise<FilesQuery> {
  const columns = await reader.rows<{ name: string; type: string }>(
    `SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM ${relation})`,
  );
  checkColumns(
    table,
    columns.map(({ name }) => name),
  );
  const column = quoteName(table.time);
  const type = columns.find(({ name }) => name.toLowerCase() === table.time.toLowerCase())?.type ?? '';
  const isText = type === 'VARCHAR';
  if (!isText && !/^(DATE|TIMESTAMP.*)$/.test(type)) {
    const [example] = await reader.rows<{ value: string }>(
      `SELECT ${column}::VARCHAR AS value FROM ${relation} WHERE ${column} IS NOT NULL LIMIT 1`,
    );
    throw noTime(table, example?.value ?? `the type ${type}`);
  }
  // By way of TIMESTAMPTZ: a plain TIMESTAMP would drop the offset of a text unseen.
  const value = isText ? `TRY_CAST(TRY_CAST(${column} AS TIMESTAMPTZ) AS TIMESTAMP)` : `${column}::TIMESTAMP`;
  return { relation, columns, time: { column, value, isText } };
}

async function spanOf(
  reader: Stage,
  table: SourceTable,
  { relation, time }: FilesQuery,
): Promise<{ first: Day; last: Day } | undefined> {
  const [row] = await reader.rows<{ first: Day | null; last: Day | null; wrong: string | null }>(
    `SELECT min(${time.value})::DATE AS first, max(${time.value})::DATE AS last, ${wrongTime(time)} AS wrong FROM ${relation}`,
  );
  if (typeof row?.wrong === 'string') throw noTime(table, row.wrong);
  const { first = null, last = null } = row ?? {};
  return first === null || last === null ? undefined : { first, last };
}

async function copyOut(
  reader: Stage,
  table: SourceTable,
  query: FilesQuery,
  { from, before }: SourceRange,
  file: string,
): Promise<{ name: string; type: StageType }[]> {
  const { relation, time } = query;
  if (time.isText) {
    const [row] = await reader.rows<{ wrong: string | null }>(`SELECT ${wrongTime(time)} AS wrong FROM ${relation}`);
    if (typeof row?.wrong === 'string') throw noTime(table, row.wrong);
  }
  const columns = query.columns.map(({ name, type }) => ({
    name,
    type: name.toLowerCase() === table.time.toLowerCase() ? ('TIMESTAMP' as const) : stageType(type),
  }));
  const values = columns.map(
    ({ name, type }) =>
      `${quoteName(name) === time.column ? time.value : quoteName(name)}::${type} AS ${quoteName(name)}`,
  );
  const compared = time.isText ? time.value : time.column;
  const condition = [
    ...(from === undefined ? [] : [`${compared} >= ${quoteText(from)}`]),
    `${compared} < ${quoteText(before)}`,
  ];
  await reader.run(
    `COPY (SELECT ${values.join(', ')} FROM ${relation} WHERE ${condition.join(' AND ')}) TO ${quoteText(file)} (FORMAT parquet)`,
  );
  return columns;
}

async function takeIn(
  stage: StageWriter,
  target: string,
  columns: { name: string; type: StageType }[],
  file: string,
): Promise<number> {
  await stage.ensureTable(target, columns);
  return await stage.run(`INSERT INTO ${quoteName(target)} SELECT * FROM read_parquet(${quoteText(file)})`);
}

function wrongTime({ column, value }: FilesQuery['time']): string {
  return `min(${column}::VARCHAR) FILTER (${column} IS NOT NULL AND coalesce(NOT isfinite(${value}), true))`;
}

function stageType(type: string): StageType {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/.test(type)) return 'BIGINT';
  if (/^(FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) return 'DOUBLE';
  if (type === 'BOOLEAN' || type === 'DATE') return type;
  return type.startsWith('TIMESTAMP') ? 'TIMESTAMP' : 'VARCHAR';
}

function filesError(error: unknown, table: SourceTable, folder: string): unknown {
  if (error instanceof CleaverError) return error;
  // What was there when the folder was listed, and is gone.
  if (table.sql === undefined && messageOf(error).startsWith('IO Error')) {
    return new CleaverError(
      'SOURCE_UNREACHABLE',
      `A file of the table ${table.name} in ${folder} cannot be read: ${messageOf(error)}.`,
      {
        hint: 'See that the file is there and may be read by this user; then run the command again.',
        cause: error,
      },
    );
  }
  return sourceQueryFailed(table, messageOf(error).split('\n\n')[0] ?? '', error);
}
