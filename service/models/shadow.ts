import type { ModelVersion } from '../../pipelines/adapters/registry.ts';
import { readRows } from '../request/feature-rows.ts';
import type { Recorder } from '../record/recorder.ts';
import type { ServedModels } from './served-models.ts';

export interface ShadowOptions {
  models: Pick<ServedModels, 'useChallenger'>;
  recorder: Recorder | undefined;
  /** Share of the requests that the challenger scores as well, in [0, 1]. */
  share: number;
  /** Told of scores made beside, and of requests that the challenger could not score. */
  onShadow: (version: ModelVersion, scores: Float32Array) => void;
  onFailure: (model: string, error: unknown) => void;
  random?: () => number;
}

/** Has the challenger score a share of the requests; nobody sees the scores, they are recorded under the same ids. */
export class Shadow {
  readonly #options: ShadowOptions;
  readonly #random: () => number;

  constructor(options: ShadowOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /**
   * Scores the rows of a request, as it sent them, if it falls into the share and another version has answered it. Settles
   * when done; never rejects.
   */
  async score(
    { model, version: answeredBy }: ModelVersion,
    rows: readonly unknown[],
    ids: readonly string[],
    requestId: string,
  ): Promise<void> {
    const { models, recorder, share, onShadow, onFailure } = this.#options;
    if (share === 0 || this.#random() >= share) return;
    try {
      await models.useChallenger(model, async (challenger) => {
        const { version } = challenger.version;
        if (version === answeredBy) return;
        // Its features may be others than the champion's.
        const features = readRows(challenger.reader, rows, (index) => `rows[${index}]`);
        const scores = await challenger.score(features, rows.length);
        onShadow(challenger.version, scores);
        const { columns } = challenger.reader;
        await recorder?.record({ model, version, role: 'shadow', requestId, ids, scores, features, columns });
      });
    } catch (error) {
      onFailure(model, error);
    }
  }
}
