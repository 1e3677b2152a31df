import type { Scorer } from '../../pipelines/adapters/scorer.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';

/** Limits of what one model takes at once. */
export interface BatchLimits {
  /** Rows in one run: scoring holds the event loop, about 3 µs a row for a hundred trees. */
  batchRows: number;
  /** Rows that may wait; what comes on top is refused at once. */
  waitingRows: number;
  /** Rows that have waited longer are not scored any more. */
  waitingMs: number;
}

interface Waiting {
  features: Float32Array;
  rows: number;
  since: number;
  resolve: (scores: Float32Array) => void;
  reject: (error: unknown) => void;
}

/**
 * Scores the rows of all requests that came in one turn of the event loop in one run. There is no waiting window: a
 * lone request is scored in the same turn, and while a run lasts the next batch gathers by itself.
 */
export class MicroBatch {
  readonly #scorer: Pick<Scorer, 'score'>;
  readonly #limits: BatchLimits;
  readonly #onBatch: (rows: number) => void;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #running = false;

  constructor(scorer: Pick<Scorer, 'score'>, limits: BatchLimits, onBatch: (rows: number) => void) {
    this.#scorer = scorer;
    this.#limits = limits;
    this.#onBatch = onBatch;
  }

  /** Rows that wait now. */
  get waitingRows(): number {
    return this.#waitingRows;
  }

  /**
   * One score per row of `features`, row-major float32. A request of more rows than a batch is a run of its own.
   * Errors: OVERLOADED when too many rows wait, DEADLINE_EXCEEDED, and those of the model.
   */
  async score(features: Float32Array, rows: number): Promise<Float32Array> {
    if (this.#waitingRows > 0 && this.#waitingRows + rows > this.#limits.waitingRows)
      throw overloaded(this.#waitingRows);
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ features, rows, since: performance.now(), resolve, reject });
      this.#waitingRows += rows;
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#runBatch(this.#take());
    this.#running = false;
  }

  /** The requests that have waited longest, as many as fit into a batch; at least one. */
  #take(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && rows + waiting.rows > this.#limits.batchRows) break;
      rows += waiting.rows;
      count += 1;
    }
    const taken = count === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, count);
    this.#waiting = count === this.#waiting.length ? [] : this.#waiting.slice(count);
    this.#waitingRows -= rows;
    return taken;
  }

  async #runBatch(taken: readonly Waiting[]): Promise<void> {
    const oldest = performance.now() - this.#limits.waitingMs;
    const batch = taken.filter(({ since, reject }) => {
      if (since >= oldest) return true;
      reject(tooLate(this.#limits.waitingMs));
      return false;
    });
    if (batch.length === 0) return;
    try {
      const { features, rows } = join(batch);
      const scores = await this.#scorer.score(features, rows);
      this.#onBatch(rows);
      let row = 0;
      for (const waiting of batch) {
        waiting.resolve(scores.subarray(row, row + waiting.rows));
        row += waiting.rows;
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function join(batch: readonly Waiting[]): { features: Float32Array; rows: number } {
  const [first] = batch;
  if (first !== undefined && batch.length === 1) return first;
  const features = new Float32Array(batch.reduce((length, waiting) => length + waiting.features.length, 0));
  let rows = 0;
  let at = 0;
  for (const waiting of batch) {
    features.set(waiting.features, at);
    at += waiting.features.length;
    rows += waiting.rows;
  }
  return { features, rows };
}

function overloaded(rows: number): CleaverError {
  return new CleaverError('OVERLOADED', `${rows} rows wait to be scored already.`, {
    hint: 'Try again in a second; if this lasts, run more replicas.',
  });
}

function tooLate(ms: number): CleaverError {
  return new CleaverError('DEADLINE_EXCEEDED', `The request has waited for more than ${ms} ms.`, {
    hint: 'Try again in a second; if this lasts, run more replicas.',
  });
}
