import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Counts } from '../result.ts';

/** Keeps the counts by folder of a commit, for the trend of what is built upon it. */
export function keepCounts(cache: string, commit: string, level: number, counts: Record<string, Counts>): void {
  const file = fileOf(cache, commit, level);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(counts));
}

/** The counts of a commit that was looked at on this machine. */
export function countsOf(cache: string, commit: string, level: number): Record<string, Counts> | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(cache, commit, level), 'utf8')) as Record<string, Counts>;
  } catch {
    return undefined;
  }
}

function fileOf(cache: string, commit: string, level: number): string {
  return path.join(cache, 'counts', `${commit}-${level}.json`);
}
