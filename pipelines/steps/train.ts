import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { hashValue, onDisk } from '../adapters/files.ts';
import { runOnce } from '../adapters/run-store.ts';
import type { Stage } from '../adapters/stage.ts';
import { loadScorer } from '../adapters/scorer.ts';
import { runTrainer, trainerHash, trainerParameters, type TrainerOutput } from '../adapters/trainer.ts';
import { readValidRows } from '../adapters/training-files.ts';
import { addDays, type Day } from '../core/days.ts';
import { CleaverError } from '../core/errors.ts';
import { trainingWindow } from '../core/window.ts';
import type { StepContext } from './context.ts';

/** The ONNX model may differ from the trainer's own scores by this much. */
const PARITY_TOLERANCE = 1e-5;
/** Of so many rows of valid.parquet a trainer gives its own scores. */
const PARITY_ROWS = 1_000;

export interface TrainResult {
  version: string;
  asOf: Day;
  /** As-of days learned from, `[from, to)`, and those kept for the gate. */
  window: { from: Day; to: Day };
  holdout: { from: Day; to: Day };
  rows: number;
  positives: number;
  metrics: Record<string, number>;
  /** Largest difference between the ONNX model's scores and the trainer's own. */
  parity: number;
}

/**
 * Trains a challenger on the newest window of the mart and registers it. The same window, parameters and trainer are
 * trained once. Errors: TRAINING_DATA_MISSING, LABEL_ONE_CLASS, TRAINER_*, MODEL_FILE_INVALID, MODEL_PARITY_FAILED.
 */
export async function train(context: StepContext, asOf: Day): Promise<{ result: TrainResult; fresh: boolean }> {
  const { home, mart, model, registry } = context;
  const { manifest } = model;
  const { days, window, holdout } = await chooseDays(context, asOf);
  const features = Object.keys(manifest.features);
  const inputs = {
    mart: await mart.hashOf(days),
    manifest: hashValue([
      manifest.features,
      manifest.window,
      trainerParameters({ features, parameters: manifest.trainer.parameters }),
    ]),
    trainer: await trainerHash(manifest.trainer.command, model.folder),
  };
  const isRegistered = async (version: string) =>
    (await registry.versions(model.name)).some((known) => known.version === version);
  const { run, fresh } = await runOnce<TrainResult>(
    home,
    { step: 'train', model: model.name, asOf, inputs },
    async (runId) => {
      const folder = path.join(context.work, runId);
      const { rows, output } = await trainIn(folder, context, days);
      const { parity, input, output: outputName } = await checkAgainstTrainer(context.reader, output, folder, features);
      const version = await registry.register(output.modelFile, {
        ...{ model: model.name, runId, features: manifest.features, input, output: outputName, asOf, window },
        rows: rows.train + rows.valid,
        trainerMetrics: output.metrics,
      });
      await registry.setAlias(model.name, 'challenger', version.version);
      const result = {
        version: version.version,
        asOf,
        window,
        holdout,
        rows: version.rows,
        positives: rows.positives,
        metrics: output.metrics,
        parity,
      };
      return { outcome: 'done', outputs: { model: version.sha256 }, result };
    },
    (run) => isRegistered(run.result.version),
  );
  return { result: run.result, fresh };
}

async function chooseDays({ mart, model }: StepContext, asOf: Day) {
  const { window, label } = model.manifest;
  const labelled = await mart.labelDays();
  const newestMature = addDays(asOf, -label.maturityDays);
  const chosen = trainingWindow({
    newestMature,
    firstDay: labelled[0] ?? asOf,
    windowDays: window.days,
    holdoutDays: window.holdoutDays,
    maturityDays: label.maturityDays,
  });
  const days = labelled.filter((day) => chosen && day >= chosen.train.from && day < chosen.train.to);
  if (chosen && days.length > 0) return { days, window: chosen.train, holdout: chosen.holdout };
  const first = labelled[0] === undefined ? 'no day has a mature label' : `mature labels begin with ${labelled[0]}`;
  const purge = `${window.holdoutDays} holdout days and ${label.maturityDays} days of label maturity lie between`;
  throw new CleaverError(
    'TRAINING_DATA_MISSING',
    `No day can be trained on yet: ${first}, and up to ${newestMature}, ${purge}.`,
    {
      hint: 'Wait for more days of data, or lower mart.warmupDays, window.holdoutDays or label.maturityDays in the manifest.',
    },
  );
}

async function trainIn(folder: string, context: StepContext, days: readonly Day[]) {
  const { mart, model, onProgress } = context;
  const { features, trainer, window } = model.manifest;
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const files = { train: path.join(folder, 'train.parquet'), valid: path.join(folder, 'valid.parquet') };
  const rows = await mart.exportTraining(days, window.maxRows, files);
  const all = rows.train + rows.valid;
  if (rows.positives === 0 || rows.positives === all) {
    throw new CleaverError(
      'LABEL_ONE_CLASS',
      `All ${all} labels from ${days[0] ?? ''} to ${days.at(-1) ?? ''} are ${rows.positives === 0 ? 0 : 1}.`,
      {
        hint: 'Look at label.sql: does it find what it should? If the event is that rare, lengthen window.days.',
      },
    );
  }
  onProgress(`training on ${all} rows (${rows.positives} positive) of ${days.length} days`);
  const output = await runTrainer({
    folder,
    modelFolder: model.folder,
    command: trainer.command,
    timeLimitMs: trainer.timeLimitSeconds * 1000,
    features: Object.keys(features),
    parameters: trainer.parameters,
    onProgress,
  });
  requireScores(output.scores.length, rows.valid);
  return { rows, output };
}

function requireScores(given: number, validRows: number): void {
  const wanted = Math.min(PARITY_ROWS, validRows);
  if (given >= wanted && given <= validRows) return;
  const message = `metrics.json has ${given} scores, but should have ${wanted}: valid.parquet has ${validRows} rows.`;
  throw new CleaverError('TRAINER_OUTPUT_INVALID', message, {
    hint: `Write the trainer's own scores of the first ${PARITY_ROWS} rows of valid.parquet, in its order.`,
  });
}

/** Loads the exported model and holds its scores of the first valid rows against the trainer's own. */
async function checkAgainstTrainer(reader: Stage, output: TrainerOutput, folder: string, features: readonly string[]) {
  const scorer = await loadScorer(output.modelFile, features.length);
  try {
    const valid = await readValidRows(reader, path.join(folder, 'valid.parquet'), features, output.scores.length);
    const scores = await scorer.score(valid.features, valid.rows);
    const differences = output.scores.map((score, row) => Math.abs(score - (scores[row] ?? Number.NaN)));
    // Math.max keeps a NaN, wherever it stands.
    const parity = differences.reduce((most, difference) => Math.max(most, difference), 0);
    if (parity <= PARITY_TOLERANCE) return { parity, input: scorer.input, output: scorer.output };
    throw new CleaverError(
      'MODEL_PARITY_FAILED',
      `model.onnx differs from the trainer's own scores by ${parity} (allowed: ${PARITY_TOLERANCE}).`,
      {
        hint: 'Check the export: float32 thresholds, missing values, the order of the features; scores must be of valid.parquet in its order.',
      },
    );
  } finally {
    await scorer.close();
  }
}
