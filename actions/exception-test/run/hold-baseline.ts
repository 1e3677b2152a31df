import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ExceptionTestError } from '../failure.ts';
import { applyBaseline, newBaseline, partsOf, type Baseline } from '../gate/baseline.ts';
import { LEVEL_OF } from '../gate/waivers.ts';
import type { ExceptionTestOptions } from '../options.ts';
import type { Failure, TestedPath } from '../result.ts';

/** What a run looked at; a line of the baseline about anything else may still be needed. */
export interface Looked {
  /** 3 by default. */
  level?: 1 | 2 | 3 | undefined;
  /** All files by default. */
  isJudged?: ((file: string) => boolean) | undefined;
  /** The paths, for those that there was no time for. */
  tested?: readonly TestedPath[] | undefined;
}

/**
 * Holds failures against the baseline in a file, which may be written once, and afterwards only become shorter.
 * Error: BASELINE_INVALID.
 */
export function holdBaseline(
  file: string,
  failures: readonly Failure[],
  todo: 'hold' | 'write' | 'shrink',
  looked: Looked = {},
): Failure[] {
  if (todo === 'write') {
    const hint = 'Shrink it with --shrink-baseline. It never grows: mend new failures, or waive them where they stand.';
    if (existsSync(file)) throw invalid(`${file} is there already`, hint);
    write(file, newBaseline(failures));
  }
  const baseline = readBaseline(file);
  const { left, unneeded } = applyBaseline(failures, baseline);
  const isKnown = seenBy(looked);
  const gone = unneeded.filter(isKnown);
  if (gone.length === 0) return left;
  if (todo === 'shrink') {
    write(file, without(baseline, gone));
    return left;
  }
  const message = `${gone.length} lines of the baseline are not needed any more, e.g. ${gone[0] ?? ''}`;
  const hint = 'Take them out with --shrink-baseline.';
  return [...left, { file: path.basename(file), line: 1, kind: 'waiver', reason: 'waiver-unused', message, hint }];
}

/** Whether a run would have seen the failure of a line; what is no such line is of no use. */
function seenBy({ level = 3, isJudged = () => true, tested = [] }: Looked): (line: string) => boolean {
  const untried = new Set(tested.filter(({ notTried }) => notTried.length > 0).map(({ file }) => file));
  return (line) => {
    const parts = partsOf(line);
    if (parts === undefined) return true;
    const { file, reason } = parts;
    if (!isJudged(file) || (reason === 'survivor' && untried.has(file))) return false;
    return reason === 'unhandled' || LEVEL_OF[reason] <= level;
  };
}

/** The same line may stand there several times. */
function without(lines: readonly string[], gone: readonly string[]): string[] {
  const left = [...gone];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function write(file: string, lines: readonly string[]): void {
  writeFileSync(file, `${JSON.stringify(lines, null, 2)}\n`);
}

/** The lines of a project's baseline, where there is one already. Error: BASELINE_INVALID. */
export function knownBefore(root: string, { baseline }: ExceptionTestOptions): Baseline {
  const file = baseline === undefined ? undefined : path.join(root, baseline);
  return file !== undefined && existsSync(file) ? readBaseline(file) : [];
}

function readBaseline(file: string): string[] {
  try {
    const lines: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Array.isArray(lines) && lines.every((line) => typeof line === 'string')) return lines;
  } catch (error) {
    throw invalid(
      `${file} cannot be read`,
      'Write one with --write-baseline, or leave `baseline` out of the options.',
      error,
    );
  }
  throw invalid(
    `${file} is no list of lines`,
    'Take it back from git, or remove it and write one with --write-baseline.',
  );
}

function invalid(what: string, hint: string, cause?: unknown): ExceptionTestError {
  return new ExceptionTestError('BASELINE_INVALID', `The baseline ${what}.`, { hint, cause });
}
