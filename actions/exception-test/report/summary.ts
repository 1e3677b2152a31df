import { markdownTable } from 'markdown-table';
import type { ExceptionResult, Failure } from '../result.ts';
import { isAsserted } from './counts.ts';
import { placeOf, sortFailures, tallyFailures } from './failures.ts';
import { addressOf, plain } from './markdown-text.ts';
import { REASONS } from './reasons.ts';
import { markdownFolderTable } from './table.ts';

/** Rows of a table in a summary; the page and the JSON have them all. */
const MAX_ROWS = 50;

/**
 * The result as Markdown for the summary of a job on GitHub.
 * `sourceUrl` is where the files of this commit are, `https://github.com/<owner>/<name>/blob/<commit>`; no links without it.
 */
export function jobSummary(result: ExceptionResult, sourceUrl?: string): string {
  const link = (at: { file: string; line: number }) => placeLink(at, sourceUrl);
  return [
    `## ${result.failures.length === 0 ? '✅' : '❌'} ${headline(result)}\n`,
    markdownFolderTable(result),
    faults(result),
    failureTable(result.failures, link),
    waivers(result, link),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** One sentence on the whole: what fails, or how far the tests go. */
export function headline({ failures, level, paths, reached, notTried, tested }: ExceptionResult): string {
  if (failures.length > 0) {
    return `${failures.length} ${failures.length === 1 ? 'failure' : 'failures'} on error paths: ${tallyFailures(failures)}`;
  }
  if (paths === 0) return 'There is no error path to test';
  const allOf = (count: number) =>
    count === paths ? (paths === 1 ? 'the one' : `all ${paths}`) : `${count} of ${paths}`;
  const noun = paths === 1 ? 'error path' : 'error paths';
  if (level === 1) return `Tests reach ${allOf(reached)} ${noun}`;
  const asserted = allOf(tested.filter(isAsserted).length);
  const rest = notTried === 0 ? '' : `; ${notTried} not tried for want of time`;
  return `Tests reach ${allOf(reached)} ${noun} and assert ${asserted}${rest}`;
}

function failureTable(failures: readonly Failure[], link: (failure: Failure) => string): string {
  if (failures.length === 0) return '';
  const rows = sortFailures(failures)
    .slice(0, MAX_ROWS)
    .map((failure) => [
      link(failure),
      plain(failure.kind),
      REASONS[failure.reason].one,
      // The hint in a line of its own: it is what the reader came for.
      `${plain(failure.message)}${failure.hint === '' ? '' : `<br>${plain(failure.hint)}`}`,
    ]);
  const head = ['Where', 'Kind', 'Reason', 'What, and how to mend it'];
  return `${markdownTable([head, ...rows], { alignDelimiters: false })}\n${more(failures.length, 'failures')}`;
}

function faults({ faults: its }: ExceptionResult): string {
  if (its === undefined) return '';
  const rest = its.notTried === 0 ? '' : `, ${its.notTried} not tried for want of time`;
  return `Faults: ${its.injected} injected into ${its.targets} functions${rest}.\n`;
}

function waivers({ tested }: ExceptionResult, link: (at: { file: string; line: number }) => string): string {
  const all = tested.flatMap(({ file, start, waived }) => (waived ? [{ file, line: start.line, ...waived }] : []));
  if (all.length === 0) return '';
  // The next to expire comes first. A date as text is in the order of time.
  const rows = all
    .toSorted((a, b) => (a.until < b.until ? -1 : a.until > b.until ? 1 : 0))
    .slice(0, MAX_ROWS)
    .map((waiver) => [plain(waiver.until), link(waiver), plain(waiver.reason)]);
  const table = markdownTable([['Until', 'Where', 'Why'], ...rows], { alignDelimiters: false });
  return `<details><summary>Waived: ${all.length}</summary>\n\n${table}\n${more(all.length, 'waivers')}\n</details>\n`;
}

function more(count: number, what: string): string {
  return count > MAX_ROWS
    ? `\n_The first ${MAX_ROWS} of ${count} ${what}; ${count - MAX_ROWS} more are not shown._\n`
    : '';
}

function placeLink(at: { file: string; line: number }, sourceUrl: string | undefined): string {
  const text = plain(placeOf(at));
  return sourceUrl === undefined || at.file === '' ? text : `[${text}](${sourceUrl}/${addressOf(at.file)}#L${at.line})`;
}
