import {
  DuckDBDecimalValue,
  DuckDBTypeId,
  type DuckDBDataChunk,
  type DuckDBMaterializedResult,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';

/** A value of a result: DATE as `YYYY-MM-DD`, other times as text in UTC, a whole number beyond 2^53 as its digits. */
export type StageCell = number | string | boolean | null;
export type StageRow = Record<string, StageCell>;

/** A column of a result: a Float64Array where all values are numbers, else an array with null for NULL. */
export interface StageColumn {
  name: string;
  values: ArrayLike<StageCell>;
}

const NUMBERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
]);

/** Reads a whole result, chunk by chunk. */
export async function readColumns(result: DuckDBMaterializedResult): Promise<StageColumn[]> {
  const chunks = await result.fetchAllChunks();
  const count = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  return result.columnNames().map((name, column) => {
    const numbers = NUMBERS.has(result.columnTypeId(column)) ? readNumbers(chunks, column, count) : undefined;
    return { name, values: numbers ?? readCells(chunks, column) };
  });
}

/** Undefined when a value is NULL. */
function readNumbers(chunks: readonly DuckDBDataChunk[], column: number, count: number): Float64Array | undefined {
  const values = new Float64Array(count);
  let start = 0;
  for (const chunk of chunks) {
    if (!fillNumbers(chunk.getColumnVector(column), values, start)) return undefined;
    start += chunk.rowCount;
  }
  return values;
}

function fillNumbers(vector: DuckDBVector, values: Float64Array, start: number): boolean {
  for (let row = 0; row < vector.itemCount; row++) {
    const value = vector.getItem(row);
    if (value === null) return false;
    values[start + row] = value as number;
  }
  return true;
}

function readCells(chunks: readonly DuckDBDataChunk[], column: number): StageCell[] {
  return chunks.flatMap((chunk) => chunk.getColumnValues(column).map(cellOf));
}

function cellOf(value: DuckDBValue): StageCell {
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  return value.toString();
}
