import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { CleaverError, messageOf } from '../core/errors.ts';
import { checkColumns, tableMissing } from './source-errors.ts';
import type { SourceTable } from './source.ts';
import { quoteText } from './sql-text.ts';
import type { Stage } from './stage.ts';

const KINDS = ['parquet', 'csv'] as const;

/**
 * The files of a table as something that DuckDB can SELECT from: `<name>.parquet`, `<name>.csv`, or all of one kind in
 * the folder `<name>`. Errors: SOURCE_TABLE_MISSING; SOURCE_QUERY_FAILED for a CSV file without the time column.
 */
export async function fileRelation(reader: Stage, folder: string, table: SourceTable): Promise<string> {
  const entries = await listFolder(folder);
  for (const kind of KINDS) {
    const name = `${table.name}.${kind}`;
    if (entries.some((entry) => entry.name === name))
      return await relationOn(reader, kind, path.join(folder, name), table);
  }
  if (entries.some((entry) => entry.isDirectory() && entry.name === table.name)) {
    const files = await listFolder(path.join(folder, table.name));
    const kind = KINDS.find((ending) => files.some(({ name }) => name.endsWith(`.${ending}`)));
    if (kind !== undefined) return await relationOn(reader, kind, path.join(folder, table.name, `*.${kind}`), table);
  }
  const names = entries
    .filter((entry) => entry.isDirectory() || /\.(csv|parquet)$/.test(entry.name))
    .map(({ name }) => name);
  throw tableMissing(table, names.sort(), `The folder ${folder}`);
}

/** What is in a folder. Error: SOURCE_UNREACHABLE. */
export async function listFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new CleaverError('SOURCE_UNREACHABLE', `The folder ${folder} cannot be read: ${messageOf(error)}.`, {
      hint: 'Give its path in source.url of model.ts; a relative path starts at the folder of the model.',
      cause: error,
    });
  }
}

async function relationOn(reader: Stage, kind: 'csv' | 'parquet', files: string, table: SourceTable): Promise<string> {
  if (kind === 'parquet') return `read_parquet(${quoteText(files)}, union_by_name = true)`;
  const csv = `${quoteText(files)}, header = true, union_by_name = true`;
  const columns = await reader.columns(
    `SELECT column_name FROM (DESCRIBE SELECT * FROM read_csv(${csv}, all_varchar = true))`,
  );
  checkColumns(table, Array.from(columns[0]?.values ?? [], String));
  // All lines are looked at for the types: a column that turns to text in its last line is text from the first.
  // The time is read as text, since a guessed type may lose an offset or take days for months.
  const time = `${quoteText(table.time)}: 'VARCHAR'`;
  const all = await reader.rows<{ name: string; type: string }>(
    `SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM read_csv(${csv}, sample_size = -1, types = {${time}}))`,
  );
  // Once known, the types are said, so that later queries need not look at all lines again. Days and times are left to
  // be found: what is found with them is how they are written.
  const said = all.filter(
    ({ name, type }) => !/^(DATE|TIME)/.test(type) && name.toLowerCase() !== table.time.toLowerCase(),
  );
  const types = [time, ...said.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`)];
  return `read_csv(${csv}, types = {${types.join(', ')}})`;
}
