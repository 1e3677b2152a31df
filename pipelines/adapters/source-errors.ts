import { addDays } from '../core/days.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
import type { SourceRange, SourceTable } from './source.ts';

/** A table's query that did not run, with what the source says of it. */
export function sourceQueryFailed(table: SourceTable, why: string, cause?: unknown): CleaverError {
  return new CleaverError('SOURCE_QUERY_FAILED', `The table ${table.name} of the source cannot be read: ${why}.`, {
    hint: `Mend source.tables.${table.name} in model.ts (its sql may cast and rename columns), or the data.`,
    cause,
  });
}

/** A value of the time column that is no time. */
export function noTime(table: SourceTable, value: unknown, cause?: unknown): CleaverError {
  const shown = typeof value === 'string' ? value : messageOf(value);
  return sourceQueryFailed(
    table,
    `its column ${table.time} has ${JSON.stringify(shown)}, which is no date or time in ISO 8601 (2025-01-31 or 2025-01-31T23:59:59Z)`,
    cause,
  );
}

export function tableMissing(table: SourceTable, names: readonly string[], where: string): CleaverError {
  const there = names.length === 0 ? 'There is none at all' : `There are ${names.join(', ')}`;
  return new CleaverError('SOURCE_TABLE_MISSING', `${where} has no table ${table.name}. ${there}.`, {
    hint: 'Name the table in model.ts as it is named in the source, or give it `sql`.',
  });
}

/** Refuses a result that lacks the time column or has two columns of one name, which the stage cannot tell apart. */
export function checkColumns(table: SourceTable, names: readonly string[]): void {
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.find((name, index) => lower.indexOf(name.toLowerCase()) !== index);
  if (twice !== undefined) throw sourceQueryFailed(table, `it has two columns ${twice}`);
  if (lower.includes(table.time.toLowerCase())) return;
  throw sourceQueryFailed(table, `it has no column ${table.time}; its columns are ${names.join(', ')}`);
}

/**
 * The range as texts to compare ISO text with, a day wider at each end: text with an offset from UTC may sort into the
 * next day. What is read by it is then held against the range itself.
 */
export function widened({ from, before }: SourceRange): { from?: string; before: string } {
  return { ...(from !== undefined && { from: addDays(from, -1) }), before: addDays(before, 1) };
}
