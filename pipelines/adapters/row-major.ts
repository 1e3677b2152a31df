import type { StageColumn } from './stage-results.ts';

/** Numeric columns as a model takes them: row-major float32, rows × columns. */
export function rowMajor(columns: readonly StageColumn[]): Float32Array {
  const rows = columns[0]?.values.length ?? 0;
  const input = new Float32Array(rows * columns.length);
  for (const [column, { values }] of columns.entries()) {
    for (let row = 0; row < rows; row++) input[row * columns.length + column] = Number(values[row]);
  }
  return input;
}
