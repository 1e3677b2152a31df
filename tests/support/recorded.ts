import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parseLine, readLines, type RecordLine } from '../../pipelines/adapters/prediction-lines.ts';
import {
  openRecorder,
  type OutcomeRow,
  type Recorder,
  type RecorderOptions,
  type ScoredRows,
} from '../../service/record/recorder.ts';
import type { RecordSettings } from '../../service/settings.ts';

/** Opens a record that does everything soon. */
export async function quickRecorder(
  folder: string,
  settings: Partial<RecordSettings> = {},
  options: Partial<RecorderOptions> = {},
): Promise<Recorder> {
  return await openRecorder({
    folder,
    settings: {
      fsync: 'interval',
      features: 'values',
      flushMs: 5,
      fsyncMs: 20,
      maxFileBytes: 2 ** 20,
      maxFileSeconds: 60,
      maxWaitingBytes: 2 ** 20,
      ...settings,
    },
    retryMs: 20,
    ...options,
  });
}

/** What a service takes down at once: scored rows, or outcomes. */
export type RecordedRequest = ScoredRows | readonly OutcomeRow[];

/** Records these requests at a time, and closes the record. */
export async function recordRequests(
  folder: string,
  requests: readonly RecordedRequest[],
  settings: Partial<RecordSettings> = {},
  time = new Date(),
): Promise<void> {
  const recorder = await quickRecorder(folder, settings, { now: () => time });
  for (const request of requests) {
    await ('ids' in request ? recorder.record(request) : recorder.outcomes(request, 'later'));
  }
  await recorder.close();
}

/** Rows of one request with these ids, two features each: a number, and a category's index. */
export function scoredRows(ids: readonly string[], change: Partial<ScoredRows> = {}): ScoredRows {
  return {
    model: 'shop',
    version: 'v1',
    role: 'answer',
    requestId: 'request',
    ids,
    scores: Float32Array.from(ids, (_, row) => row / 4),
    features: Float32Array.from(ids.flatMap((_, row) => [row + 0.5, 1])),
    columns: 2,
    ...change,
  };
}

/** What all files of a record hold, also those that are being written: lines, and how many are torn. */
export async function recorded(folder: string): Promise<{ lines: RecordLine[]; ids: string[]; torn: number }> {
  const lines: RecordLine[] = [];
  let torn = 0;
  for (const name of await recordFiles(folder)) {
    for await (const texts of readLines(path.join(folder, name))) {
      for (const text of texts) {
        const line = parseLine(text);
        if (line === undefined) torn += 1;
        else lines.push(line);
      }
    }
  }
  return { lines, ids: lines.map(({ id }) => id), torn };
}

/** The names of a record's files, oldest first. */
export async function recordFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /\.(open|ndjson)$/.test(name)).sort();
}

/** `prefix0`, `prefix1`, … */
export function idsOf(count: number, prefix = 'id'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
