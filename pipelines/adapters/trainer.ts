import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CleaverError, messageOf } from '../core/errors.ts';
import { hashFile, hashValue, onDisk, readTextIfThere } from './files.ts';
import { ensurePython } from './python-environment.ts';
import { runTrainerCommand } from './trainer-process.ts';

/** What a trainer is asked for. The folder holds `train.parquet` and `valid.parquet`: features as float32, and `label`. */
export interface TrainingJob {
  folder: string;
  /** The model's folder; `{model}` in a command stands for it. */
  modelFolder: string;
  command?: readonly string[] | undefined;
  timeLimitMs: number;
  /** Written to `parameters.json` as `{features, seed, threads, parameters}`. */
  features: readonly string[];
  parameters: Record<string, unknown>;
  onProgress: (text: string) => void;
}

const metricsFile = z.object({
  metrics: z.record(z.string(), z.number()).default({}),
  /** The trainer's own scores of the first 1,000 rows of valid.parquet. */
  scores: z.array(z.number()).min(1),
});

export type TrainerOutput = z.output<typeof metricsFile> & { modelFile: string };

/** Where the default trainer's code and lock file are. */
export const DEFAULT_TRAINER = path.join(import.meta.dirname, '..', 'trainers', 'lightgbm');
export const DEFAULT_TRAINER_LOCK = path.join(DEFAULT_TRAINER, 'requirements.lock');

const SEED = 1;
const THREADS = 2;

/** The contents of `parameters.json`. */
export function trainerParameters(job: Pick<TrainingJob, 'features' | 'parameters'>): Record<string, unknown> {
  return { features: job.features, seed: SEED, threads: THREADS, parameters: job.parameters };
}

/** A hash of the trainer itself: of the command and, for the default one, of its code and packages. */
export async function trainerHash(command: readonly string[] | undefined, modelFolder: string): Promise<string> {
  const files = command
    ? command
        .map((word) => word.replaceAll('{model}', modelFolder))
        .filter((word) => path.isAbsolute(word) && word.startsWith(modelFolder))
    : [path.join(DEFAULT_TRAINER, 'train.py'), DEFAULT_TRAINER_LOCK];
  return hashValue([command ?? 'lightgbm', ...(await Promise.all(files.map(hashFile)))]);
}

/**
 * Trains by the contract: parameters in, `model.onnx` and `metrics.json` out, all in the job's folder.
 * Errors: TRAINER_SETUP_FAILED, TRAINER_CRASHED, TRAINER_TIMEOUT, TRAINER_OUTPUT_MISSING, TRAINER_OUTPUT_INVALID.
 */
export async function runTrainer(job: TrainingJob): Promise<TrainerOutput> {
  const command = job.command ?? [
    await ensurePython(DEFAULT_TRAINER_LOCK, job.onProgress),
    path.join(DEFAULT_TRAINER, 'train.py'),
  ];
  const parameters = JSON.stringify(trainerParameters(job));
  await onDisk(job.folder, () => writeFile(path.join(job.folder, 'parameters.json'), parameters));
  await runTrainerCommand({
    command: command.map((word) => word.replaceAll('{model}', job.modelFolder)),
    folder: job.folder,
    timeLimitMs: job.timeLimitMs,
    onLine: job.onProgress,
  });
  const modelFile = path.join(job.folder, 'model.onnx');
  const model = await readTextIfThere(modelFile);
  const metrics = await readTextIfThere(path.join(job.folder, 'metrics.json'));
  if (!model || metrics === undefined) throw outputMissing(command, model ? 'metrics.json' : 'model.onnx');
  return { ...parseMetrics(metrics), modelFile };
}

function parseMetrics(text: string): z.output<typeof metricsFile> {
  try {
    return metricsFile.parse(JSON.parse(text));
  } catch (error) {
    throw new CleaverError(
      'TRAINER_OUTPUT_INVALID',
      `metrics.json of the training command is not as agreed: ${messageOf(error)}`,
      {
        hint: 'It must be {"metrics": {name: number}, "scores": [the scores of the first 1,000 rows of valid.parquet]}.',
        cause: error,
      },
    );
  }
}

function outputMissing(command: readonly string[], file: string): CleaverError {
  return new CleaverError(
    'TRAINER_OUTPUT_MISSING',
    `The training command \`${command.join(' ')}\` ended well, but left no ${file}.`,
    {
      hint: 'It must write model.onnx and metrics.json into the folder in which it is started.',
    },
  );
}
