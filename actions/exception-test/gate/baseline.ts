import type { Failure, FailureReason } from '../result.ts';
import { WAIVABLE, type Waivable } from './waivers.ts';

/**
 * Failures that were there when the gate came to an old code base, a line each: `file kind reason: text`. They are let
 * through, and a line that is not needed any more must go: the list may only become shorter.
 */
export type Baseline = readonly string[];

/** Reasons that can stand in a baseline: what paths fail by. */
const KEPT: readonly FailureReason[] = [...WAIVABLE, 'unhandled'];

/** The line of a failure. Line numbers are left out: they move. */
export function baselineLine({ file, kind, reason, message }: Omit<Failure, 'line' | 'hint'>): string {
  // Names of temporary files and of tests are another each time; what stands in backticks is the source.
  const text = /`([^`]*)`/.exec(message)?.[1] ?? '';
  return `${file} ${kind} ${reason}: ${text}`;
}

/** The lines of all failures that can be known, for a new baseline. */
export function newBaseline(failures: readonly Failure[]): string[] {
  return failures
    .filter(({ reason }) => KEPT.includes(reason))
    .map(baselineLine)
    .sort();
}

/** The file and the reason of a line. */
export function partsOf(line: string): { file: string; reason: Waivable | 'unhandled' } | undefined {
  const [, file = '', reason] = /^(.+?) [a-z-]+ ([a-z-]+): /.exec(line) ?? [];
  return KEPT.some((kept) => kept === reason) ? { file, reason: reason as Waivable } : undefined;
}

/** Takes known failures out, each line of the baseline once; answers the lines that nothing needed. */
export function applyBaseline(
  failures: readonly Failure[],
  baseline: Baseline,
): { left: Failure[]; unneeded: string[] } {
  const unneeded = [...baseline];
  const left = failures.filter((failure) => {
    const at = KEPT.includes(failure.reason) ? unneeded.indexOf(baselineLine(failure)) : -1;
    if (at >= 0) unneeded.splice(at, 1);
    return at < 0;
  });
  return { left, unneeded };
}
