import type { Database } from '../adapters/database.ts';
import { deliveryFiles, writeDelivery, type Predictions } from '../adapters/deliveries.ts';
import { hashFile, hashValue } from '../adapters/files.ts';
import { urlIn } from '../adapters/home.ts';
import { openDatabase } from '../adapters/open-database.ts';
import { runOnce } from '../adapters/run-store.ts';
import { loadScorer } from '../adapters/scorer.ts';
import type { Day } from '../core/days.ts';
import { CleaverError } from '../core/errors.ts';
import { assignArm } from '../core/experiment.ts';
import { missingFeatures } from '../core/features.ts';
import type { StepContext } from './context.ts';

export interface DeliverResult {
  asOf: Day;
  version: string;
  /** Rows in each of the files, and in the table. */
  files: number;
  table: number;
}

const TABLE = 'predictions';
const COLUMNS = ['model', 'entity_id', 'as_of', 'score', 'arm', 'version', 'run_id'] as const;

/**
 * Scores every entity of the newest as-of day by the champion, as files and as rows of the table `predictions` (one
 * row for each model and entity, all replaced in one transaction). The service is the third form.
 * Errors: CHAMPION_MISSING, MART_COLUMNS_WRONG, DATABASE_*, DISK_FULL.
 */
export async function deliver(context: StepContext): Promise<{ result: DeliverResult; fresh: boolean }> {
  const { home, mart, model, registry } = context;
  const champion = await registry.alias(model.name, 'champion');
  const asOf = (await mart.featureDays()).at(-1);
  if (champion === undefined || asOf === undefined) throw championMissing(model.name);
  const version = await registry.version(model.name, champion);
  const lost = missingFeatures(version.features, model.manifest.features);
  if (lost.length > 0) throw featuresLost(model.name, champion, lost);
  const inputs = {
    mart: await mart.hashOf([asOf]),
    champion: version.sha256,
    version: champion,
    settings: hashValue([model.manifest.experiment, model.manifest.deliver]),
  };
  const files = deliveryFiles(home, model.name, asOf);
  const database = await openDatabase(urlIn(home, model.manifest.deliver.url), { relativeTo: model.folder });
  try {
    await makeTable(database);
    const { run, fresh } = await runOnce<DeliverResult>(
      home,
      { step: 'deliver', model: model.name, asOf, inputs },
      async (runId) => {
        const predictions = await predict(context, asOf, champion);
        const about = { day: asOf, version: champion, runId };
        // Side by side: the one keeps this thread busy, the other DuckDB's.
        const [table, written] = await Promise.allSettled([
          writeTable(database, model.name, predictions, about),
          writeDelivery(context.reader, files, context.work, predictions, about),
        ]);
        if (table.status === 'rejected') throw table.reason;
        if (written.status === 'rejected') throw written.reason;
        const outputs = { parquet: await hashFile(files.parquet), csv: await hashFile(files.csv) };
        return {
          outcome: 'done',
          outputs,
          result: { asOf, version: champion, files: predictions.entities.length, table: table.value },
        };
      },
      async (run) =>
        (await hashOrNone(files.parquet)) === run.outputs['parquet'] &&
        (await hashOrNone(files.csv)) === run.outputs['csv'] &&
        (await rowsOf(database, model.name, run.id)) === run.result.table,
    );
    return { result: run.result, fresh };
  } finally {
    await database.close();
  }
}

async function predict({ mart, model, registry }: StepContext, asOf: Day, champion: string): Promise<Predictions> {
  const version = await registry.version(model.name, champion);
  const rows = await mart.read([asOf], version.features, false);
  const scorer = await loadScorer(await registry.modelFile(version), Object.keys(version.features).length);
  try {
    const scores = await scorer.score(rows.features, rows.rows);
    return {
      entities: rows.entities,
      scores,
      arms: rows.entities.map((entity) => assignArm(entity, model.manifest.experiment)),
    };
  } finally {
    await scorer.close();
  }
}

async function makeTable(database: Database): Promise<void> {
  await database.run(`CREATE TABLE IF NOT EXISTS ${TABLE} (
    model TEXT NOT NULL, entity_id TEXT NOT NULL, as_of DATE NOT NULL, score DOUBLE PRECISION NOT NULL,
    arm TEXT NOT NULL, version TEXT NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (model, entity_id))`);
}

/** The table holds the newest predictions only: entities that are gone leave it; the files keep the history. */
async function writeTable(
  database: Database,
  model: string,
  { entities, scores, arms }: Predictions,
  about: { day: Day; version: string; runId: string },
): Promise<number> {
  const rows = entities.map(
    (entity, row) =>
      [model, entity, about.day, scores[row] ?? Number.NaN, arms[row] ?? '', about.version, about.runId] as const,
  );
  return await database.transaction(async (transaction) => {
    const count = await transaction.upsert({ table: TABLE, columns: COLUMNS, key: ['model', 'entity_id'] }, rows);
    await transaction.run(`DELETE FROM ${TABLE} WHERE model = ? AND run_id <> ?`, [model, about.runId]);
    return count;
  });
}

async function rowsOf(database: Database, model: string, runId: string): Promise<number> {
  const [row] = await database.query<{ rows: number | string }>(
    `SELECT count(*) AS rows FROM ${TABLE} WHERE model = ? AND run_id = ?`,
    [model, runId],
  );
  return Number(row?.rows ?? 0);
}

async function hashOrNone(file: string): Promise<string | undefined> {
  return await hashFile(file).catch(() => undefined);
}

function championMissing(model: string): CleaverError {
  return new CleaverError('CHAMPION_MISSING', `No version of ${model} has been promoted, or its mart has no day yet.`, {
    hint: `Run \`npx cleaver loop --model ${model}\`.`,
  });
}

function featuresLost(model: string, champion: string, lost: readonly string[]): CleaverError {
  const message = `The champion ${champion} of ${model} needs ${lost.join(', ')}, which the mart does not give any more.`;
  return new CleaverError('MART_COLUMNS_WRONG', message, {
    hint: 'Bring the features back in mart.sql and model.ts until a version without them has passed the gate.',
  });
}
