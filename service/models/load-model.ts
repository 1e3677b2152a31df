import type { ModelVersion, Registry } from '../../pipelines/adapters/registry.ts';
import type { Scorer } from '../../pipelines/adapters/scorer.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { type Experiment, LoadedModel, type LoadedModelOptions } from './loaded-model.ts';

/** Where a model comes from and how it is opened. */
export interface LoadSources extends Pick<LoadedModelOptions, 'limits' | 'onBatch'> {
  registry: Registry;
  load: (file: string, featureCount: number) => Promise<Scorer>;
  /** What a model's manifest says of its experiment; undefined where there is no manifest. */
  experiment: (model: string) => Promise<Experiment | undefined>;
  now: () => Date;
}

/** Opens a version and tries it on a row of zeros. Errors: REGISTRY_CORRUPT, MODEL_FILE_INVALID. */
export async function loadModel(version: ModelVersion, sources: LoadSources): Promise<LoadedModel> {
  const { registry, load, now, limits, onBatch } = sources;
  const featureCount = Object.keys(version.features).length;
  const scorer = await load(await registry.modelFile(version), featureCount);
  try {
    await warmUp(scorer, featureCount, version);
  } catch (error) {
    await scorer.close();
    throw error;
  }
  const experiment = await sources.experiment(version.model);
  return new LoadedModel(version, scorer, { loadedAt: now(), limits, experiment, onBatch });
}

async function warmUp(scorer: Scorer, featureCount: number, { model, version }: ModelVersion): Promise<void> {
  const [score] = await scorer.score(new Float32Array(featureCount), 1);
  if (score !== undefined && score >= 0 && score <= 1) return;
  throw new CleaverError(
    'MODEL_FILE_INVALID',
    `${model} ${version} scores a row of zeros as ${score}, not in [0, 1].`,
    {
      hint: 'Export probabilities, not logits; then train and promote again.',
    },
  );
}
