import type { FoundPath } from '../find/find-paths.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../options.ts';
import type { Failure, FailureReason, Mutation, TestedPath } from '../result.ts';
import { LEVEL_OF, type BrokenWaiver, type Waivable, type Waiver } from './waivers.ts';

/** What is known of a path after the tests. */
export interface Seen {
  path: FoundPath;
  count: number;
  tests: readonly string[];
  survivors: readonly Mutation[];
  notTried: readonly Mutation[];
}

export interface Evidence {
  level: 1 | 2 | 3;
  /** YYYY-MM-DD. */
  today: string;
  seen: readonly Seen[];
  /** Failures that the runs themselves show: swallowed, unhandled, unparsed, and those of level 3. */
  observed: readonly Failure[];
  waivers: readonly Waiver[];
  broken: readonly BrokenWaiver[];
  thresholds?: Partial<Thresholds> | undefined;
  /** Lines that the change at hand touches, by file; undefined when there is nothing to compare with. */
  changed?: ReadonlyMap<string, ReadonlySet<number>> | undefined;
}

export interface Judgement {
  tested: TestedPath[];
  failures: Failure[];
}

/** Holds what the tests did against what is asked for. Pure: the same evidence is judged alike. */
export function judge(evidence: Evidence): Judgement {
  const { waivers, today, level } = evidence;
  const used = new Set<Waiver>();
  const waive = (file: string, line: number, reason: FailureReason): Waiver | undefined => {
    const found = waivers.find(
      (waiver) => waiver.file === file && waiver.line === line - 1 && waiver.reasons.includes(reason as Waivable),
    );
    if (found !== undefined) used.add(found);
    return found !== undefined && found.until >= today ? found : undefined;
  };
  // By place and kind: in one line may stand several paths.
  const waived = new Map<string, Waiver>();
  const open = [...evidence.seen.flatMap((seen) => failuresOf(seen, level)), ...evidence.observed].filter((failure) => {
    const waiver = waive(failure.file, failure.line, failure.reason);
    if (waiver !== undefined) waived.set(`${failure.file}:${failure.line} ${failure.kind}`, waiver);
    return waiver === undefined;
  });
  const tested = evidence.seen.map(({ path, ...rest }): TestedPath => {
    const { id, file, kind, start, end, text, inside, mutations, swallows } = path;
    const waiver = waived.get(`${file}:${start.line} ${kind}`);
    return {
      ...{ id, file, kind, start, end, text, inside, mutations, swallows },
      ...rest,
      waived: waiver && { reason: waiver.why, until: waiver.until },
    };
  });
  const kept = withinThresholds(tested, open, evidence);
  return { tested, failures: [...kept, ...waiverFailures(evidence, used)].sort(byPlace) };
}

function failuresOf({ path, count, survivors }: Seen, level: 1 | 2 | 3): Failure[] {
  const place = { file: path.file, line: path.start.line, kind: path.kind };
  if (count === 0) {
    return [{ ...place, reason: 'unreached', message: `No test reaches \`${path.text}\`.`, hint: path.hint }];
  }
  if (level === 1 || survivors.length === 0) return [];
  const hint =
    'Assert in one of the tests that reach it what only this path brings about: the error, its code, the state left behind.';
  return [{ ...place, reason: 'survivor', message: survivorMessage(path, survivors), hint }];
}

const EFFECT: Record<FoundPath['kind'], string> = {
  throw: 'nothing is thrown here',
  catch: 'this block is empty',
  'promise-catch': 'this handler does nothing',
  'then-rejected': 'this handler does nothing',
  reject: 'nothing is rejected here',
  'promise-reject': 'the promise is fulfilled here',
  'finally-return': 'the finally block is not left here',
  'error-first': 'the error is not seen here',
  'process-exit': 'the process does not fail here',
  'set-failed': 'the action does not fail here',
  'error-event': 'this listener does nothing',
  result: 'no error is returned here',
};

function survivorMessage({ kind, text }: FoundPath, survivors: readonly Mutation[]): string {
  const when = survivors.map((mutation) =>
    mutation === 'remove' ? EFFECT[kind] : 'the error is handed on as it came',
  );
  return `Every test that reaches \`${text}\` passes just as well when ${when.join(', and when ')}.`;
}

/** Failures by path are let through as long as the share that is asked for is kept. */
function withinThresholds(tested: readonly TestedPath[], open: readonly Failure[], evidence: Evidence): Failure[] {
  const thresholds = { ...DEFAULT_THRESHOLDS, ...evidence.thresholds };
  const isChanged = (file: string, line: number) => evidence.changed?.get(file)?.has(line) ?? false;
  const kept = new Set(open.filter(({ reason }) => reason !== 'unreached' && reason !== 'survivor'));
  const shortfalls: Failure[] = [];
  const hold = (reason: 'unreached' | 'survivor', asked: number, of: 'of all files' | 'in changed lines') => {
    const isOf = (file: string, line: number) => of === 'of all files' || isChanged(file, line);
    const paths = tested.filter(
      (path) => isOf(path.file, path.start.line) && (reason === 'unreached' || wasMutated(path)),
    );
    const failing = open.filter((failure) => failure.reason === reason && isOf(failure.file, failure.line));
    const share = (100 * (paths.length - failing.length)) / paths.length;
    if (failing.length === 0 || share >= asked) return;
    for (const failure of failing) kept.add(failure);
    if (asked < 100) shortfalls.push(shortfall(reason, share, asked, of));
  };
  hold('unreached', thresholds.reached, 'of all files');
  hold('survivor', thresholds.asserted, 'of all files');
  hold('unreached', thresholds.changedReached, 'in changed lines');
  hold('survivor', thresholds.changedAsserted, 'in changed lines');
  return [...open.filter((failure) => kept.has(failure)), ...shortfalls];
}

function wasMutated({ count, mutations, notTried }: TestedPath): boolean {
  return count > 0 && mutations.length > notTried.length;
}

function shortfall(reason: 'unreached' | 'survivor', share: number, asked: number, of: string): Failure {
  const what = reason === 'unreached' ? `paths ${of} are reached by a test` : `mutated paths ${of} are asserted`;
  return {
    file: '',
    line: 0,
    kind: 'all',
    reason: 'threshold',
    // Not rounded up to what is asked for.
    message: `${Math.floor(share * 10) / 10} % of the ${what}; ${asked} % are asked for.`,
    hint: 'Mend the failures that are listed, or lower the threshold in the configuration of the plugin.',
  };
}

function waiverFailures(evidence: Evidence, used: ReadonlySet<Waiver>): Failure[] {
  const { waivers, broken, today } = evidence;
  const failures: Failure[] = broken.map(({ file, line, problem }) => ({
    file,
    line,
    kind: 'waiver',
    reason: 'waiver-invalid',
    message: `This waiver cannot be read. ${problem}`,
    hint: 'Write `// exception-test allow <reason> until <YYYY-MM-DD>: <why>` in the line above the path.',
  }));
  for (const waiver of waivers) {
    const { file, line, until, reasons } = waiver;
    if (until < today) {
      const message = `This waiver ended on ${until}.`;
      const hint = 'Test the path now, or give the reason anew with a later day.';
      failures.push({ file, line, kind: 'waiver', reason: 'waiver-expired', message, hint });
    } else if (!used.has(waiver) && reasons.every((reason) => isKnown(waiver, reason, evidence))) {
      const message = `Nothing in line ${line + 1} fails by ${reasons.join(' or ')}.`;
      const hint = 'Remove the waiver.';
      failures.push({ file, line, kind: 'waiver', reason: 'waiver-unused', message, hint });
    }
  }
  return failures;
}

/** Whether this run would have seen what a waiver lets pass. */
function isKnown({ file, line }: Waiver, reason: Waivable, { level, seen }: Evidence): boolean {
  if (LEVEL_OF[reason] > level) return false;
  if (reason !== 'survivor') return true;
  const below = seen.filter(({ path }) => path.file === file && path.start.line === line + 1);
  return below.every(({ count, notTried }) => count > 0 && notTried.length === 0);
}

function byPlace(a: Failure, b: Failure): number {
  return a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;
}
