import { claimWriter } from '../../pipelines/adapters/prediction-files.ts';
import type { RecordSettings } from '../settings.ts';
import { FileRecorder } from './file-recorder.ts';
import { LineLog } from './line-log.ts';

/** Rows that were answered (or scored in the shadow), all by one version, all of one request. Not to be changed afterwards. */
export interface ScoredRows {
  model: string;
  version: string;
  /** `answer`: the client got these scores; `shadow`: scored beside, never shown. */
  role: 'answer' | 'shadow';
  requestId: string;
  /** One for each row. */
  ids: readonly string[];
  scores: Float32Array;
  /** Row-major float32 as the model saw it, rows × columns. */
  features: Float32Array;
  columns: number;
  entities?: readonly (string | undefined)[] | undefined;
  arms?: readonly ('treated' | 'holdout' | undefined)[] | undefined;
}

/** What became of a prediction, told later by a client. */
export interface OutcomeRow {
  id: string;
  label?: 0 | 1 | undefined;
  value?: number | undefined;
}

/** How the record is doing, for metrics. */
export interface RecorderState {
  /** Rows in files so far. */
  readonly written: number;
  /** Rows that are lost: too much waited, or the record could not be written when it was closed. */
  readonly dropped: number;
  /** Bytes that are not in a file yet. */
  readonly waitingBytes: number;
  /** Files begun so far. */
  readonly files: number;
  /** Why it does not write or drops rows; undefined when all is well. */
  readonly problem: unknown;
}

/** Takes down what the service answers, see docs/prediction-record.md. */
export interface Recorder {
  /**
   * Takes rows down. Undefined: the answer need not wait. A promise (policy `always`): settled when they are on disk.
   * It rejects with RECORD_UNAVAILABLE.
   */
  record(rows: ScoredRows): Promise<void> | undefined;
  /** The same for outcomes. */
  outcomes(rows: readonly OutcomeRow[], requestId: string): Promise<void> | undefined;
  readonly state: RecorderState;
  /** Writes what waits, syncs and closes. What cannot be written counts as dropped. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** The folder `predictions` of the state. */
  folder: string;
  /** Undefined: nothing is recorded. */
  settings: RecordSettings | undefined;
  now?: () => Date;
  /** Told once each time when writing fails or rows begin to be dropped, until all is well again. */
  onProblem?: (error: unknown) => void;
  /** After a failure it tries again this much later. */
  retryMs?: number;
}

/** Opens the record of this process. Errors: STATE_UNWRITABLE, DISK_FULL (the folder cannot be made). */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const { folder, settings, now = () => new Date(), onProblem = () => undefined, retryMs = 1000 } = options;
  if (settings === undefined) return noRecorder;
  const writer = await claimWriter(folder);
  const log = new LineLog({ folder, settings, now, onProblem, retryMs, writer });
  return new FileRecorder(log, settings.features, now);
}

/** Records nothing. */
export const noRecorder: Recorder = {
  record: () => undefined,
  outcomes: () => undefined,
  state: { written: 0, dropped: 0, waitingBytes: 0, files: 0, problem: undefined },
  close: () => Promise.resolve(),
};
