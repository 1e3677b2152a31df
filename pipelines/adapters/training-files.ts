import { openStage } from './stage.ts';

/** The first rows of a `valid.parquet`, as a model takes them: row-major float32, rows × features. */
export async function readValidRows(
  file: string,
  features: readonly string[],
  limit: number,
): Promise<{ rows: number; features: Float32Array }> {
  const database = await openStage(':memory:', { scratch: `${file}.scratch` });
  try {
    const names = features.map((name) => `"${name}"`).join(', ');
    const columns = await database.columns(`SELECT ${names} FROM '${file}' LIMIT ${limit}`);
    const rows = columns[0]?.values.length ?? 0;
    const input = new Float32Array(rows * columns.length);
    for (const [column, { values }] of columns.entries()) {
      for (let row = 0; row < rows; row++) input[row * columns.length + column] = Number(values[row]);
    }
    return { rows, features: input };
  } finally {
    await database.close();
  }
}
