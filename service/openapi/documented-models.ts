import type { ModelManifest } from '../../pipelines/core/manifest.ts';
import type { ServedModels } from '../models/served-models.ts';

/** What the document says of one served model. */
export interface DocumentedModel {
  model: string;
  /** The champion. */
  version: string;
  features: ModelManifest['features'];
  /** Name of its one tensor. */
  input: string;
  /** Whether `/decide` knows its experiment. */
  hasExperiment: boolean;
}

/** The champions that answer requests, by name. */
export async function documentedModels(models: Pick<ServedModels, 'statuses' | 'use'>): Promise<DocumentedModel[]> {
  const served = models.statuses().filter(({ serving }) => serving !== undefined);
  return await Promise.all(
    served.map(({ model }) =>
      models.use(model, ({ version, experiment, scorer }) =>
        Promise.resolve({
          model,
          version: version.version,
          features: version.features,
          input: scorer.input,
          hasExperiment: experiment !== undefined,
        }),
      ),
    ),
  );
}

/** The same text as long as the document would be the same. */
export function documentKey(models: Pick<ServedModels, 'statuses'>): string {
  return JSON.stringify(models.statuses().map(({ model, serving }) => [model, serving?.version, serving?.loadedAt]));
}
