import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { hashFile } from '../../adapters/files.ts';
import { loadScorer } from '../../adapters/scorer.ts';
import { openStage } from '../../adapters/stage.ts';
import { runTrainer } from '../../adapters/trainer.ts';
import { readValidRows } from '../../adapters/training-files.ts';

/** Two neighbours among the float32 numbers: between them lies a threshold that rounds up onto the second. */
const BELOW = Math.fround(1 + 2 ** -23);
const ABOVE = Math.fround(1 + 2 ** -22);
const FEATURES = ['edge', 'gap'];

/** 4,000 rows whose label goes with `edge`, one of two neighbouring numbers, and with `gap`, which is often missing. */
async function writeRows(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const stage = await openStage(':memory:', { scratch: folder });
  onTestFinished(() => stage.close());
  for (const kind of ['train', 'valid']) {
    await stage.run(`COPY (
      SELECT edge::FLOAT AS edge, gap::FLOAT AS gap,
        (hash('label', i, '${kind}') % 100 < CASE WHEN edge > ${BELOW} THEN 70 ELSE 10 END + CASE WHEN isnan(gap) THEN 20 ELSE 0 END)::UTINYINT AS label
      FROM (SELECT i, CASE WHEN hash('edge', i) % 2 = 0 THEN ${BELOW} ELSE ${ABOVE} END AS edge,
        CASE WHEN hash('gap', i) % 3 = 0 THEN 'NaN'::DOUBLE ELSE hash('value', i) % 10 END AS gap
        FROM range(4000) t(i))) TO '${path.join(folder, `${kind}.parquet`)}' (FORMAT parquet)`);
  }
}

async function train() {
  const folder = path.join(await temporaryFolder(), 'train-1');
  await writeRows(folder);
  const limits = { timeLimitMs: 120_000, modelFolder: folder, onProgress: () => undefined };
  return await runTrainer({
    ...limits,
    folder,
    features: FEATURES,
    parameters: { num_iterations: 30, min_data_in_leaf: 20 },
  });
}

test("the exported model gives LightGBM's own scores, also for missing values and for neighbouring float32 numbers", async () => {
  const output = await train();
  const stage = await openStage(':memory:', { scratch: await temporaryFolder() });
  onTestFinished(() => stage.close());
  const valid = await readValidRows(stage, path.join(path.dirname(output.modelFile), 'valid.parquet'), FEATURES, 1_000);
  const scorer = await loadScorer(output.modelFile, FEATURES.length);
  onTestFinished(() => scorer.close());
  const scores = await scorer.score(valid.features, valid.rows);
  const differences = output.scores.map((score, row) => Math.abs(score - (scores[row] ?? Number.NaN)));
  expect(differences).toHaveLength(1_000);
  expect(differences.reduce((most, difference) => Math.max(most, difference), 0)).toBeLessThan(1e-6);
  // A threshold between the two, rounded to the nearest float32, would fall onto the upper one and send both one way.
  const [below = 0, above = 0, missing = 0] = await scorer.score(
    Float32Array.of(BELOW, 5, ABOVE, 5, BELOW, Number.NaN),
    3,
  );
  expect(above - below).toBeGreaterThan(0.3);
  expect(missing - below).toBeGreaterThan(0.05);
});

test('the same rows give the same bytes', async () => {
  const [first, second] = [await train(), await train()];
  expect(await hashFile(first.modelFile)).toBe(await hashFile(second.modelFile));
});
