import type { ModelVersion } from '../../pipelines/adapters/registry.ts';
import type { Scorer } from '../../pipelines/adapters/scorer.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { rowReader, type RowReader } from '../request/feature-rows.ts';
import { RequestError } from '../request/request-error.ts';
import { type BatchLimits, MicroBatch } from './micro-batch.ts';

/** How arms are drawn for the entities of a model. */
export interface Experiment {
  name: string;
  holdoutShare: number;
}

export interface LoadedModelOptions {
  loadedAt: Date;
  limits: BatchLimits;
  /** Undefined where the model's folder is not there. */
  experiment?: Experiment | undefined;
  /** Told of each run, with its rows. */
  onBatch?: ((model: string, rows: number) => void) | undefined;
}

/** A version in memory, with a count of its users: once retired, it is closed as the last of them leaves. */
export class LoadedModel {
  readonly version: ModelVersion;
  readonly scorer: Scorer;
  readonly loadedAt: Date;
  readonly experiment: Experiment | undefined;
  /** Reads rows of named features for {@link score}. */
  readonly reader: RowReader;
  readonly #batch: MicroBatch;
  #users = 0;
  #retired = false;
  readonly #closed = Promise.withResolvers<undefined>();

  constructor(version: ModelVersion, scorer: Scorer, { loadedAt, limits, experiment, onBatch }: LoadedModelOptions) {
    this.version = version;
    this.scorer = scorer;
    this.loadedAt = loadedAt;
    this.experiment = experiment;
    this.reader = rowReader(version.features);
    this.#batch = new MicroBatch(scorer, limits, (rows) => onBatch?.(version.model, rows));
  }

  /** Rows that wait to be scored. */
  get waitingRows(): number {
    return this.#batch.waitingRows;
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
   * One score per row, as {@link MicroBatch.score}. Errors besides for a score that is no number, which would be null in
   * JSON: REQUEST_INVALID where the row has a missing value, else MODEL_FILE_INVALID.
   */
  async score(features: Float32Array, rows: number): Promise<Float32Array> {
    const scores = await this.#batch.score(features, rows);
    const bad = scores.findIndex((score) => !Number.isFinite(score));
    if (bad < 0) return scores;
    const { model, version } = this.version;
    if (features.subarray(bad * this.reader.columns, (bad + 1) * this.reader.columns).some(Number.isNaN)) {
      throw new RequestError('REQUEST_INVALID', `${model} ${version} takes no missing value, and row ${bad} has one.`, {
        hint: 'Send every value, or train the model on rows with missing ones.',
      });
    }
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
