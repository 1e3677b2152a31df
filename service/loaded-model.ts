import type { ModelVersion } from '../pipelines/adapters/registry.ts';
import type { Scorer } from '../pipelines/adapters/scorer.ts';
import { CleaverError } from '../pipelines/core/errors.ts';

/** A version in memory, with a count of its users: once retired, it is closed as the last of them leaves. */
export class LoadedModel {
  readonly version: ModelVersion;
  readonly scorer: Scorer;
  readonly loadedAt: Date;
  #users = 0;
  #retired = false;
  readonly #closed = Promise.withResolvers<undefined>();

  constructor(version: ModelVersion, scorer: Scorer, loadedAt: Date) {
    this.version = version;
    this.scorer = scorer;
    this.loadedAt = loadedAt;
  }

  /** Runs `work` and keeps the model open until it has settled. */
  async use<Result>(work: (model: LoadedModel) => Promise<Result>): Promise<Result> {
    this.#users += 1;
    try {
      return await work(this);
    } finally {
      this.#users -= 1;
      if (this.#retired && this.#users === 0) this.#close();
    }
  }

  /**
   * One score per row, as {@link Scorer.score}. Error: MODEL_FILE_INVALID for a score that is no number, which would be
   * null in JSON.
   */
  async score(features: Float32Array, rows: number): Promise<Float32Array> {
    const scores = await this.scorer.score(features, rows);
    const bad = scores.findIndex((score) => !Number.isFinite(score));
    if (bad < 0) return scores;
    const { model, version } = this.version;
    throw new CleaverError('MODEL_FILE_INVALID', `${model} ${version} scores row ${bad} as ${scores[bad]}.`, {
      hint: 'Does the model take missing values? Train it with some, or send every value.',
    });
  }

  /** Asks the model to close; resolves when it has. No `use` may begin afterwards. */
  async retire(): Promise<void> {
    if (!this.#retired) {
      this.#retired = true;
      if (this.#users === 0) this.#close();
    }
    await this.#closed.promise;
  }

  #close(): void {
    this.scorer.close().then(() => {
      this.#closed.resolve(undefined);
    }, this.#closed.reject);
  }
}
