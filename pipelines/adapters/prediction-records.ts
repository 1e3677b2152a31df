import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { onDisk, placeFile } from './files.ts';
import { leftName } from './prediction-files.ts';
import { parseLine, readLines, type RecordLine } from './prediction-lines.ts';
import type { RecordTables } from './prediction-tables.ts';

export interface LoadTarget {
  /** The tables that a line goes to; none: it cannot be loaded now and is kept. */
  tablesOf: (line: RecordLine) => Promise<readonly RecordTables[]>;
  /** Where lines go that are torn or altered. */
  quarantine: string;
  /** For files in the making, on the same file system. */
  work: string;
}

/** What became of a file's lines. */
export interface LoadCounts {
  /** Predictions and outcomes that are in the database now. */
  rows: number;
  outcomes: number;
  /** Lines in quarantine. */
  torn: number;
  /** Lines that stay in the record. */
  kept: number;
}

/**
 * Loads a finished record file and removes it, once all of it is committed. Killed at any point and run again, it gives
 * the same result once. Errors: DATABASE_*, DISK_FULL, DISK_FAILED, STATE_UNWRITABLE; the file is there still.
 */
export async function loadRecordFile(file: string, target: LoadTarget): Promise<LoadCounts> {
  const { counts, used } = await loadLines(file, target);
  for (const tables of used) await tables.flush();
  // Nothing in it can be loaded now, so it remains as it is.
  if (counts.kept > 0 && counts.rows + counts.outcomes + counts.torn === 0) return counts;
  if (counts.torn > 0) {
    const bad = (line: Buffer) => Promise.resolve(parseLine(line) === undefined);
    await placeLines(path.join(target.quarantine, path.basename(file)), file, target.work, bad);
  }
  const left = leftName(file);
  if (counts.kept > 0) await placeLines(left, file, target.work, (line) => isKept(line, target));
  if (counts.kept === 0 || left !== file) await onDisk(file, () => rm(file));
  return counts;
}

async function loadLines(file: string, { tablesOf }: LoadTarget) {
  const counts: LoadCounts = { rows: 0, outcomes: 0, torn: 0, kept: 0 };
  const used = new Set<RecordTables>();
  for await (const lines of readLines(file)) {
    for (const text of lines) {
      const line = parseLine(text);
      const tables = line === undefined ? [] : await tablesOf(line);
      for (const each of tables) {
        if (line !== undefined) await each.add(line);
        used.add(each);
      }
      counts[fateOf(line, tables)] += 1;
    }
  }
  return { counts, used };
}

function fateOf(line: RecordLine | undefined, tables: readonly RecordTables[]): keyof LoadCounts {
  if (line === undefined) return 'torn';
  if (tables.length === 0) return 'kept';
  return line.kind === 'prediction' ? 'rows' : 'outcomes';
}

async function isKept(text: Buffer, { tablesOf }: LoadTarget): Promise<boolean> {
  const line = parseLine(text);
  return line !== undefined && (await tablesOf(line)).length === 0;
}

/** Makes a file of those lines of another that `isWanted`. */
async function placeLines(
  to: string,
  from: string,
  work: string,
  isWanted: (line: Buffer) => Promise<boolean>,
): Promise<void> {
  await placeFile(to, work, (file) => pipeline(wantedLines(from, isWanted), createWriteStream(file)));
}

async function* wantedLines(from: string, isWanted: (line: Buffer) => Promise<boolean>): AsyncGenerator<Buffer> {
  for await (const lines of readLines(from)) {
    for (const line of lines) if (await isWanted(line)) yield Buffer.concat([line, Buffer.from('\n')]);
  }
}
