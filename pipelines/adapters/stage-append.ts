import {
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { StageType } from './source.ts';
import { stageValue, StageValueError } from './stage-values.ts';

const ROWS_PER_CHUNK = 2048;

/**
 * Appends columns of equal length to a table of stage types, all or none of the rows. Errors: StageValueError for a
 * value that does not fit its column.
 */
export async function appendColumns(
  connection: DuckDBConnection,
  target: string,
  columns: readonly (readonly unknown[])[],
): Promise<void> {
  const count = columns[0]?.length ?? 0;
  const appender = await connection.createAppender(target);
  try {
    const types = Array.from({ length: appender.columnCount }, (_, column) => appender.columnType(column));
    for (let start = 0; start < count; start += ROWS_PER_CHUNK) {
      appendChunk(
        appender,
        types,
        columns.map((values) => values.slice(start, start + ROWS_PER_CHUNK)),
      );
    }
  } catch (error) {
    appender.clear();
    throw error;
  } finally {
    appender.closeSync();
  }
}

function appendChunk(
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  columns: readonly (readonly unknown[])[],
): void {
  const chunk = DuckDBDataChunk.create(types);
  chunk.setColumns(columns.map((values, column) => duckdbValues(values, String(types[column]) as StageType, column)));
  appender.appendDataChunk(chunk);
}

function duckdbValues(values: readonly unknown[], type: StageType, column: number): DuckDBValue[] {
  return values.map((value) => {
    const converted = stageValue(type, value);
    if (converted === undefined) throw new StageValueError(column, value, type);
    if (type === 'TIMESTAMP' && typeof converted === 'bigint') return new DuckDBTimestampValue(converted);
    if (type === 'DATE' && typeof converted === 'number') return new DuckDBDateValue(converted);
    return converted;
  });
}
