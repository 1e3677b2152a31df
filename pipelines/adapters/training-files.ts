import { rowMajor } from './row-major.ts';
import type { Stage } from './stage.ts';

/** The first rows of a `valid.parquet`, as a model takes them: row-major float32, rows × features. */
export async function readValidRows(
  reader: Stage,
  file: string,
  features: readonly string[],
  limit: number,
): Promise<{ rows: number; features: Float32Array }> {
  const names = features.map((name) => `"${name}"`).join(', ');
  const columns = await reader.columns(`SELECT ${names} FROM '${file}' LIMIT ${limit}`);
  return { rows: columns[0]?.values.length ?? 0, features: rowMajor(columns) };
}
