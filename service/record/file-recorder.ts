import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordSettings } from '../settings.ts';
import type { LineLog } from './line-log.ts';
import { FEATURE_TEXTS, featureBytes, type FeatureText, headJson, outcomeJson, rowJson } from './record-json.ts';
import type { OutcomeRow, Recorder, RecorderState, ScoredRows } from './recorder.ts';

/** More rows than this are made into text piece by piece, so that other requests get their turn in between. */
const ROWS_AT_ONCE = 256;

/** Makes rows into lines of a log. */
export class FileRecorder implements Recorder {
  readonly #log: LineLog;
  readonly #featureText: FeatureText;
  readonly #now: () => Date;
  #time = { ms: Number.NaN, text: '' };
  /** Large requests and outcomes, one after the other. */
  #pieces: Promise<unknown> = Promise.resolve();

  constructor(log: LineLog, features: RecordSettings['features'], now: () => Date) {
    this.#log = log;
    this.#featureText = FEATURE_TEXTS[features];
    this.#now = now;
  }

  get state(): RecorderState {
    return this.#log.state;
  }

  record(rows: ScoredRows): Promise<void> | undefined {
    const count = rows.ids.length;
    if (count === 0) return undefined;
    if (!this.#log.hasRoom) return this.#log.refuse(count);
    const head = headJson(rows, this.#timeText());
    if (count > ROWS_AT_ONCE)
      return this.#inPieces(count, (from, end) => {
        this.#addRows(rows, head, from, end);
      });
    this.#addRows(rows, head, 0, count);
    return this.#log.settle();
  }

  outcomes(rows: readonly OutcomeRow[], requestId: string): Promise<void> | undefined {
    if (rows.length === 0) return undefined;
    if (!this.#log.hasRoom) return this.#log.refuse(rows.length);
    const time = this.#timeText();
    return this.#inPieces(rows.length, (from, end) => {
      for (const row of rows.slice(from, end)) this.#log.add(outcomeJson(row, requestId, time));
    });
  }

  async close(): Promise<void> {
    await this.#pieces;
    await this.#log.close();
  }

  #addRows(rows: ScoredRows, head: string, from: number, end: number): void {
    const bytes = featureBytes(rows);
    for (let row = from; row < end; row += 1) this.#log.add(rowJson(head, rows, row, bytes, this.#featureText));
  }

  #inPieces(count: number, add: (from: number, end: number) => void): Promise<void> | undefined {
    const recorded = this.#pieces.then(() => this.#pieceByPiece(count, add));
    this.#pieces = Promise.allSettled([recorded]);
    return this.#log.isAwaited ? recorded : undefined;
  }

  async #pieceByPiece(count: number, add: (from: number, end: number) => void): Promise<void> {
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      if (!this.#log.hasRoom) return await this.#log.refuse(count - from);
      add(from, Math.min(from + ROWS_AT_ONCE, count));
      await this.#log.settle();
      await nextTurn();
    }
  }

  /** Many rows come within a millisecond; its text is made once. */
  #timeText(): string {
    const now = this.#now();
    if (now.getTime() !== this.#time.ms) this.#time = { ms: now.getTime(), text: now.toISOString() };
    return this.#time.text;
  }
}
