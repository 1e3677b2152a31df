import { hash } from 'node:crypto';
import type { LoadedModel } from './loaded-model.ts';
import type { ServedModels } from './served-models.ts';

/** Scores by a version; `standsFor` is the champion that was asked for where the challenger scores in its place. */
export type ScoreWork<Result> = (loaded: LoadedModel, standsFor?: LoadedModel) => Promise<Result>;

export interface CanaryOptions {
  models: Pick<ServedModels, 'use' | 'pair'>;
  /** Share of the requests that the challenger answers, in [0, 1]. */
  share: number;
  /** Told of each request that falls to a challenger, and of one that it failed and the champion answered. */
  onRequest: (model: string) => void;
  onFailure: (model: string, error: unknown) => void;
  random?: () => number;
}

/** Has the challenger answer a share of the requests that name no version; what it cannot answer, the champion does. */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #random: () => number;

  constructor(options: CanaryOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /**
   * Runs `work` on the challenger or the champion: always on the same for an entity, by chance where none is named. Where
   * it fails on both, the champion's error is thrown, and the challenger not blamed. Errors as {@link ServedModels.use}.
   */
  async use<Result>(model: string, work: ScoreWork<Result>, entity?: string | number): Promise<Result> {
    const { models, onRequest, onFailure } = this.#options;
    const pair = models.pair(model);
    if (pair === undefined || !this.#isChosen(pair.challenger, entity)) return await models.use(model, work);
    onRequest(model);
    let failure: unknown;
    try {
      return await pair.challenger.use((challenger) => work(challenger, pair.champion));
    } catch (error) {
      failure = error;
    }
    const answer = await models.use(model, work);
    onFailure(model, failure);
    return answer;
  }

  /** A larger share only adds entities; another challenger has others. */
  #isChosen({ version: { model, version } }: LoadedModel, entity: string | number | undefined): boolean {
    const { share } = this.#options;
    if (entity === undefined) return this.#random() < share;
    const digest = hash('sha256', `canary\0${model}\0${version}\0${entity}`);
    // 48 of its bits, as a number in [0, 1).
    return Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48 < share;
  }
}
