import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { hasCode } from './files.ts';

export interface RotatedFileOptions {
  /** A file that is longer is set aside before the next text; it may be longer by one text. */
  maxBytes?: number;
  /** So many files that were set aside are kept. */
  kept?: number;
}

/**
 * Appends texts to a file that several processes write to, each text in one piece, and bounds what it takes on the disk. A
 * long file is renamed, never written over nor emptied, so that who follows it reads it to its end under its new name.
 */
export function appendRotated(
  file: string,
  text: string,
  { maxBytes = 10_485_760, kept = 4 }: RotatedFileOptions = {},
) {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) mkdirSync(path.dirname(file), { recursive: true });
  else if (bytes > maxBytes) {
    setAside(file);
    removeOldest(file, kept);
  }
  appendFileSync(file, text);
}

/** Renames a file by the time; one that another process has set aside a moment ago is left to it. */
export function setAside(file: string): void {
  try {
    renameSync(file, `${file}.${Date.now()}-${process.hrtime.bigint()}`);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function removeOldest(file: string, kept: number): void {
  const folder = path.dirname(file);
  const aside = readdirSync(folder).filter((name) => name.startsWith(`${path.basename(file)}.`));
  for (const name of aside.sort().slice(0, -kept)) rmSync(path.join(folder, name), { force: true });
}
