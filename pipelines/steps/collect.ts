import path from 'node:path';
import type { Home } from '../adapters/home.ts';
import { withModelLock } from '../adapters/lock.ts';
import { openDestinations } from '../adapters/prediction-destinations.ts';
import { finishedFiles } from '../adapters/prediction-files.ts';
import { type LoadCounts, loadRecordFile } from '../adapters/prediction-records.ts';
import { modelsFolder } from '../config.ts';

export interface CollectResult extends LoadCounts {
  outcome: 'done' | 'nothing-to-do';
  /** Files of the record that have been loaded, as far as they could be. */
  files: number;
}

export interface CollectOptions {
  home: Home;
  /** The folder of the model folders. */
  models?: string | undefined;
  /** How long to wait for another collect; by default half a minute. */
  waitMs?: number | undefined;
}

/** What another collect meets; no model has such a name. */
const LOCK = 'prediction_record';

/**
 * Loads what services have recorded into the database of each row's model, tables `prediction_records` and
 * `prediction_outcomes`; an outcome names no model and goes to all. What cannot be loaded stays in the record: rows whose
 * model has no folder, and rows of a database that fails to open. Its error is thrown once all others are loaded.
 * Errors: BUSY, MANIFEST_*, DATABASE_*, DISK_FULL, DISK_FAILED, STATE_UNWRITABLE.
 */
export async function collect({ home, models = modelsFolder(), waitMs }: CollectOptions): Promise<CollectResult> {
  const lock = { verb: 'collect', ...(waitMs !== undefined && { waitMs }) };
  return await withModelLock(home, LOCK, lock, () => loadFinishedFiles(home, models));
}

async function loadFinishedFiles(home: Home, models: string): Promise<CollectResult> {
  const result: CollectResult = { outcome: 'nothing-to-do', files: 0, rows: 0, outcomes: 0, torn: 0, kept: 0 };
  const destinations = await openDestinations(home, models);
  try {
    for (const file of await finishedFiles(home.predictions)) {
      const counts = await loadRecordFile(file, {
        tablesOf: (line) => destinations.tablesOf(line),
        quarantine: path.join(home.quarantine, 'predictions'),
        work: path.join(home.work, LOCK),
      });
      for (const count of ['rows', 'outcomes', 'torn', 'kept'] as const) result[count] += counts[count];
      if (counts.kept === 0 || counts.rows + counts.outcomes + counts.torn > 0) result.files += 1;
    }
  } finally {
    await destinations.close();
  }
  if (destinations.problem !== undefined) throw destinations.problem;
  return { ...result, outcome: result.files > 0 ? 'done' : 'nothing-to-do' };
}
