import path from 'node:path';
import type { Day } from '../core/days.ts';
import type { Arm } from '../core/experiment.ts';
import { placeFile } from './files.ts';
import type { Home } from './home.ts';
import type { Stage } from './stage.ts';

/** Scores of all entities at the end of one day, by column. */
export interface Predictions {
  entities: readonly string[];
  scores: Float32Array;
  arms: readonly Arm[];
}

/** Where one day's delivery lies. */
export function deliveryFiles(home: Home, model: string, day: Day): { parquet: string; csv: string } {
  const folder = path.join(home.deliveries, model, `as_of=${day}`);
  return { parquet: path.join(folder, 'predictions.parquet'), csv: path.join(folder, 'predictions.csv') };
}

/**
 * Writes `predictions.parquet` and `.csv` with the columns entity_id, as_of, score (float32), arm, version, run_id.
 * Error: DISK_FULL.
 */
export async function writeDelivery(
  reader: Stage,
  files: { parquet: string; csv: string },
  work: string,
  predictions: Predictions,
  about: { day: Day; version: string; runId: string },
): Promise<void> {
  // DuckDB has no FLOAT among the stage's types; a float32 passes through DOUBLE unchanged.
  await reader.run('DROP TABLE IF EXISTS scored');
  await reader.ensureTable('scored', [
    { name: 'entity_id', type: 'VARCHAR' },
    { name: 'score', type: 'DOUBLE' },
    { name: 'arm', type: 'VARCHAR' },
  ]);
  await reader.append('scored', [predictions.entities, Array.from(predictions.scores), predictions.arms]);
  const rows = `SELECT entity_id, DATE '${about.day}' AS as_of, score::FLOAT AS score, arm, '${about.version}' AS version, '${about.runId}' AS run_id FROM scored`;
  await placeFile(files.csv, work, async (file) => {
    await reader.run(`COPY (${rows}) TO '${file}' (FORMAT csv, HEADER)`);
  });
  await placeFile(files.parquet, work, async (file) => {
    await reader.run(`COPY (${rows}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  });
}
