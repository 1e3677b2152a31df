import { FAILURE_REASONS, type ExceptionResult, type Failure } from '../result.ts';
import { REASONS } from './reasons.ts';

/** A terminal's page or two; whoever wants more reads the JSON. */
const MAX_DESCRIBED = 50;

/** The failures for people, file by file: `file:line  kind  reason — message`, and the hint below. Empty where none is. */
export function describeFailures({ failures }: ExceptionResult, max = MAX_DESCRIBED): string {
  const shown = sortFailures(failures).slice(0, max);
  const blocks = [...Map.groupBy(shown, ({ file }) => file).values()].map((ofFile) => ofFile.map(describe).join(''));
  const more = failures.length - shown.length;
  if (more > 0) blocks.push(`and ${more} more\n`);
  return blocks.join('\n');
}

/** By file and line; what is of no file comes first. */
export function sortFailures(failures: readonly Failure[]): Failure[] {
  return failures.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

/** How many of each reason: `3 unreached paths, 1 survivor`. */
export function tallyFailures(failures: readonly Failure[]): string {
  const byReason = Map.groupBy(failures, ({ reason }) => reason);
  return FAILURE_REASONS.flatMap((reason) => {
    const count = byReason.get(reason)?.length ?? 0;
    return count === 0 ? [] : [`${count} ${count === 1 ? REASONS[reason].one : REASONS[reason].many}`];
  }).join(', ');
}

/** `file:line`; `all files` for what is of none. */
export function placeOf({ file, line }: Pick<Failure, 'file' | 'line'>): string {
  return file === '' ? 'all files' : `${file}:${line}`;
}

function describe(failure: Failure): string {
  const { kind, reason, message, hint } = failure;
  const line = `${placeOf(failure)}  ${kind}  ${reason} — ${oneLine(message)}\n`;
  return hint === '' ? line : `${line}    ${oneLine(hint)}\n`;
}

/** Source text may be in a message: it must neither break the line nor steer the terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
