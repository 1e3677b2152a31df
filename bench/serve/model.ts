import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { type Home, homeAt } from '../../pipelines/adapters/home.ts';
import { ensurePython } from '../../pipelines/adapters/python-environment.ts';
import { loadScorer } from '../../pipelines/adapters/scorer.ts';
import { DEFAULT_TRAINER_LOCK } from '../../pipelines/adapters/trainer.ts';

export const MODEL = 'bench';
export const FEATURES: readonly string[] = Array.from({ length: 20 }, (_, index) => `f${index}`);

/** A state folder of its own whose registry holds the model, and rows with what LightGBM itself says of them. */
export interface BenchModel {
  home: Home;
  /** The ONNX file of `v1`, the champion. */
  modelFile: string;
  /** Names of the ONNX graph's input and output. */
  input: string;
  output: string;
  rowCount: number;
  /** Row-major float32, rows × features. */
  rows: Float32Array;
  /** LightGBM's scores of the rows, by version. */
  scores: Readonly<Record<string, Float64Array>>;
}

/** Trains so many versions (`v1`, `v2`, …) in the folder `root`, registers them and makes `v1` champion. */
export async function prepareModel(root: string, rowCount: number, versionCount = 1): Promise<BenchModel> {
  const python = await ensurePython(DEFAULT_TRAINER_LOCK, (text) => process.stderr.write(`${text}\n`));
  const home = homeAt(path.join(root, 'home'));
  const registry = openFileRegistry(home.registry, home.work);
  const folders = Array.from({ length: versionCount }, (_, index) => path.join(root, `model-${index + 1}`));
  const scores: Record<string, Float64Array> = {};
  let names = { input: '', output: '' };
  for (const [index, folder] of folders.entries()) {
    await mkdir(folder, { recursive: true });
    const script = path.join(import.meta.dirname, 'train_model.py');
    await promisify(execFile)(python, [script, folder, String(index + 1), String(rowCount)]);
    const file = path.join(folder, 'model.onnx');
    names = await namesOf(file);
    const registered = await registry.register(file, { ...description(`bench-${index + 1}`), ...names });
    scores[registered.version] = new Float64Array(await bufferOf(path.join(folder, 'scores.f64')));
  }
  await registry.setAlias(MODEL, 'champion', 'v1');
  const [first = ''] = folders;
  const rows = new Float32Array(await bufferOf(path.join(first, 'rows.f32')));
  return { home, modelFile: path.join(first, 'model.onnx'), ...names, rowCount, rows, scores };
}

async function namesOf(file: string): Promise<{ input: string; output: string }> {
  const scorer = await loadScorer(file, FEATURES.length);
  await scorer.close();
  return { input: scorer.input, output: scorer.output };
}

function description(runId: string) {
  return {
    model: MODEL,
    runId,
    features: Object.fromEntries(FEATURES.map((name) => [name, { type: 'number' as const }])),
    asOf: '2026-01-31',
    window: { from: '2026-01-01', to: '2026-01-29' },
    rows: 21_000,
    trainerMetrics: {},
  };
}

/** A file's bytes in a buffer of their own, as typed arrays want them. */
async function bufferOf(file: string): Promise<ArrayBuffer> {
  return new Uint8Array(await readFile(file)).buffer;
}
