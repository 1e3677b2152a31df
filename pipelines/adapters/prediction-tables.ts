import { hash } from 'node:crypto';
import type { ModelManifest } from '../core/manifest.ts';
import type { Database, SqlValue, UpsertTarget } from './database.ts';
import type { OutcomeLine, PredictionLine, RecordLine } from './prediction-lines.ts';

/** The features of a version in the order of its input; undefined for a version that is not known. */
export type FeaturesOf = (model: string, version: string) => Promise<ModelManifest['features'] | undefined>;

/** The tables `prediction_records` and `prediction_outcomes` of one database, written in batches. */
export interface RecordTables {
  add(line: RecordLine): Promise<void>;
  /** Writes what has been added and is not there yet. */
  flush(): Promise<void>;
}

const BATCH_ROWS = 5000;

// The shadow's score has the id of the answer beside it.
const RECORDS = {
  table: 'prediction_records',
  columns: [
    ...['id', 'role', 'model', 'version', 'time', 'entity_id'],
    ...['arm', 'score', 'features', 'features_hash', 'request_id'],
  ],
  key: ['id', 'role'],
} as const satisfies UpsertTarget;

const OUTCOMES = {
  table: 'prediction_outcomes',
  columns: ['id', 'time', 'label', 'value', 'request_id'],
  key: ['id'],
} as const satisfies UpsertTarget;

/** Makes the tables where they are not there. Adding the same line again changes nothing. Errors: DATABASE_*, DISK_FULL. */
export async function openRecordTables(database: Database, featuresOf: FeaturesOf): Promise<RecordTables> {
  await makeTables(database);
  let predictions: SqlValue[][] = [];
  let outcomes: OutcomeLine[] = [];
  const tables: RecordTables = {
    async add(line) {
      if (line.kind === 'outcome') outcomes.push(line);
      else predictions.push(predictionRow(line, await featuresOf(line.model, line.version)));
      if (predictions.length + outcomes.length >= BATCH_ROWS) await tables.flush();
    },
    async flush() {
      if (predictions.length > 0) await database.upsert(RECORDS, predictions);
      if (outcomes.length > 0) await upsertOutcomes(database, outcomes);
      predictions = [];
      outcomes = [];
    },
  };
  return tables;
}

async function makeTables(database: Database): Promise<void> {
  await database.run(`CREATE TABLE IF NOT EXISTS ${RECORDS.table} (
    id TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, time TEXT NOT NULL,
    entity_id TEXT, arm TEXT, score DOUBLE PRECISION, features TEXT, features_hash TEXT, request_id TEXT NOT NULL,
    PRIMARY KEY (id, role))`);
  await database.run(`CREATE TABLE IF NOT EXISTS ${OUTCOMES.table} (
    id TEXT PRIMARY KEY, time TEXT NOT NULL, label INTEGER, value DOUBLE PRECISION, request_id TEXT NOT NULL)`);
}

/** Of several outcomes of a prediction the one told last counts, in whatever order they are loaded. */
async function upsertOutcomes(database: Database, lines: readonly OutcomeLine[]): Promise<void> {
  const rows = lines
    .map(
      (line) => [textOf(line.id), line.time, line.label ?? null, line.value ?? null, textOf(line.requestId)] as const,
    )
    .sort(([, a], [, b]) => (a < b ? -1 : Number(a > b)));
  const ids = [...new Set(rows.map(([id]) => id))];
  await database.transaction(async (transaction) => {
    const known = await transaction.query<{ id: string; time: string }>(
      `SELECT id, time FROM ${OUTCOMES.table} WHERE id IN (${ids.map(() => '?').join(', ')})`,
      ids,
    );
    const times = new Map(known.map(({ id, time }) => [id, time]));
    const newer = rows.filter(([id, time]) => time >= (times.get(id) ?? ''));
    await transaction.upsert(OUTCOMES, newer);
  });
}

function predictionRow(line: PredictionLine, features: ModelManifest['features'] | undefined): SqlValue[] {
  const bytes = line.values === undefined ? undefined : Buffer.from(line.values, 'base64');
  return [
    textOf(line.id),
    line.role,
    line.model,
    line.version,
    line.time,
    line.entity === undefined ? null : textOf(line.entity),
    line.arm ?? null,
    line.score,
    bytes === undefined ? null : featuresText(bytes, features),
    bytes === undefined ? (line.hash ?? null) : hash('sha256', bytes).slice(0, 16),
    textOf(line.requestId),
  ];
}

/** Features by name as JSON: numbers as the model saw them, categories as the manifest names them, missing as null. */
function featuresText(bytes: Buffer, features: ModelManifest['features'] | undefined): string {
  const values = Array.from({ length: bytes.length / 4 }, (_, column) => bytes.readFloatLE(column * 4));
  const entries = Object.entries(features ?? {});
  // Of a version that the registry has lost, nobody knows the names.
  if (entries.length !== values.length) return JSON.stringify(values);
  const named = entries.map(([name, feature], column) => {
    const value = values[column] ?? Number.NaN;
    return [name, feature.type === 'number' ? value : (feature.values[value] ?? null)];
  });
  // JSON writes NaN as null.
  return JSON.stringify(Object.fromEntries(named));
}

/** Postgres takes no text with a NUL. */
function textOf(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
