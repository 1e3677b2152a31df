import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CleaverError, messageOf } from '../core/errors.ts';

// ONNX Runtime would send telemetry, and write beside us.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

/** A loaded model that gives one score per row. */
export interface Scorer {
  readonly input: string;
  readonly output: string;
  /** Scores of `rows` rows: `features` is row-major float32 of length rows × features. */
  score(features: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Loads an ONNX model that takes one float32 tensor `[rows, features]` and gives probabilities as `[rows]`, `[rows, 1]`
 * or `[rows, 2]` (the last column is the score). Tries it on one row. It scores on one thread: several sum up the trees in another
 * order, so that a row's last bit would hang on how many rows are scored beside it. Error: MODEL_FILE_INVALID.
 */
export async function loadScorer(file: string, featureCount: number): Promise<Scorer> {
  const session = await openSession(file);
  const input = session.inputNames[0] ?? '';
  try {
    if (session.inputNames.length !== 1) throw new Error(`it has ${session.inputNames.length} inputs`);
    const trial = await session.run({
      [input]: new Tensor('float32', new Float32Array(featureCount), [1, featureCount]),
    });
    const output = session.outputNames.find((name) => isScore(trial[name]));
    if (output === undefined) throw new Error('it has no float32 output of shape [rows], [rows, 1] or [rows, 2]');
    return {
      input,
      output,
      async score(features, rows) {
        if (rows === 0) return new Float32Array();
        const results = await session.run({ [input]: new Tensor('float32', features, [rows, featureCount]) }, [output]);
        return scoresOf(results[output], rows);
      },
      close: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw invalid(file, error, featureCount);
  }
}

async function openSession(file: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(await readFile(file), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  } catch (error) {
    throw invalid(file, error);
  }
}

function isScore(tensor: Tensor | undefined): boolean {
  if (tensor?.type !== 'float32') return false;
  const [rows, columns = 1, ...more] = tensor.dims;
  return rows === 1 && columns >= 1 && columns <= 2 && more.length === 0;
}

function scoresOf(tensor: Tensor | undefined, rows: number): Float32Array {
  const data = tensor?.data as Float32Array;
  const columns = data.length / rows;
  if (columns === 1) return data;
  return Float32Array.from({ length: rows }, (_, row) => data[row * columns + columns - 1] ?? Number.NaN);
}

function invalid(file: string, cause: unknown, featureCount?: number): CleaverError {
  const takes = featureCount === undefined ? '' : ` as a model of ${featureCount} features`;
  return new CleaverError('MODEL_FILE_INVALID', `${file} does not load${takes}: ${messageOf(cause)}`, {
    hint: 'Export one float32 input [rows, features] and float32 probabilities (for classifiers, zipmap off).',
    cause,
  });
}
