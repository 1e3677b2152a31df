import path from 'node:path';
import type { TestSpecification } from 'vitest/node';
import { ExceptionTestError } from '../failure.ts';
import { isProblem, NOTICED } from '../runtime/problems.ts';
import { testOf, type Mutant } from '../runtime/session.ts';
import type { OpenSession } from './open-session.ts';
import type { OpenVitest } from './open-vitest.ts';
import { runTests, type FileOutcome } from './run-tests.ts';

/** A mutant with the tests that reached its path, and what they last took. */
export interface Candidate extends Mutant {
  tests: readonly { test: string; durationMs: number }[];
}

export interface Verdict extends Candidate {
  /** noticed: a test failed; survived: all that reach the path passed; untried: the time was up. */
  verdict: 'noticed' | 'survived' | 'untried';
  /** The test files that were run for it, the last of them noticed it if one did. */
  by: readonly string[];
}

export interface Trying {
  open: OpenVitest;
  session: OpenSession;
  specifications: readonly TestSpecification[];
  /** Milliseconds since the epoch at which no other round begins. */
  deadline: number;
  onProgress?: ((tried: number, all: number) => void) | undefined;
}

/** What is left to do for a mutant: test files in the order of their cost, each with the tests to run. */
interface Task {
  candidate: Candidate;
  left: TestFile[];
  done: string[];
  /** Whether there are test files that cannot tell, so that it has not survived those that can. */
  isPartial: boolean;
}

interface TestFile {
  project: string;
  file: string;
  tests: string[];
  durationMs: number;
  /** What the longest of them took. */
  longestMs: number;
}

/**
 * Takes each path's effect away in turn and runs the tests that reached it, the cheapest file first, until one notices.
 * Goes in rounds: a round has a mutant for each of many test files, so that all workers of the one warm vitest are at work.
 * Error: TESTS_FLAKY.
 */
export async function tryMutants(candidates: readonly Candidate[], trying: Trying): Promise<Verdict[]> {
  let tasks = candidates.map((candidate): Task => ({
    candidate,
    left: filesOf(candidate),
    done: [],
    isPartial: false,
  }));
  const witnesses = new Witnesses(trying);
  const verdicts: Verdict[] = [];
  while (tasks.length > 0 && Date.now() < trying.deadline) {
    const round = chooseRound(tasks);
    const red = await runRound(round, trying);
    const noticed = await witnesses.amongRed(red);
    for (const [task, file] of round) {
      task.done.push(file.file);
      if (noticed.has(task)) verdicts.push({ ...task.candidate, verdict: 'noticed', by: task.done });
      // What was red and is no witness stays, to be replaced.
      else if (!red.has(task)) task.left = task.left.filter((one) => one !== file);
    }
    tasks = tasks.filter((task) => !noticed.has(task)).map((task) => witnesses.replaceIn(task));
    const over = tasks.filter(({ left }) => left.length === 0);
    for (const { candidate, done, isPartial } of over) {
      verdicts.push({ ...candidate, verdict: isPartial ? 'untried' : 'survived', by: done });
    }
    tasks = tasks.filter(({ left }) => left.length > 0);
    trying.onProgress?.(verdicts.length, candidates.length);
  }
  return [
    ...verdicts,
    ...tasks.map(({ candidate, done }): Verdict => ({ ...candidate, verdict: 'untried', by: done })),
  ];
}

/**
 * What red tests are worth as witnesses. They have noticed something only if they are green with nothing to notice, run with
 * the same tests before them: that is tried when they are first red. Where they are red then too, a test may need those
 * before it, so the whole file is to notice. Where some tests drop errors, so that the whole is red anyway, nothing in it is a
 * witness.
 */
class Witnesses {
  readonly #trying: Trying;
  /** Selections of tests that are green with nothing to notice. */
  readonly #trusted = new Set<string>();
  /** Of files that are red without: what is to be run instead. */
  readonly #instead = new Map<string, 'nothing' | TestFile>();

  constructor(trying: Trying) {
    this.#trying = trying;
  }

  /** Which of the tasks are noticed, by the tests that ran up to the first red one. Error: TESTS_FLAKY. */
  async amongRed(red: ReadonlyMap<Task, TestFile>): Promise<Set<Task>> {
    const unknown = [...red.values()].filter(
      (ran) => !this.#instead.has(keyOf(ran)) && !this.#trusted.has(selectionOf(ran)),
    );
    if (unknown.length > 0) await this.#control(unknown);
    const isWitness = (ran: TestFile) => {
      const instead = this.#instead.get(keyOf(ran));
      return instead === undefined ? this.#trusted.has(selectionOf(ran)) : instead === ran;
    };
    return new Set([...red].filter(([, ran]) => isWitness(ran)).map(([task]) => task));
  }

  /** A task with what is to be run in the place of files that are no witnesses as they are. */
  replaceIn(task: Task): Task {
    const left = task.left.flatMap((file) => {
      const instead = this.#instead.get(keyOf(file)) ?? file;
      return instead === 'nothing' ? [] : [instead];
    });
    return { ...task, left, isPartial: task.isPartial || left.length < task.left.length };
  }

  /** Runs tests with no mutant. */
  async #control(selections: readonly TestFile[]): Promise<void> {
    const outcomes = await runControl(selections, this.#trying);
    const red = outcomes.filter(isRed);
    const redFiles = new Set(red.map(keyOf));
    for (const one of selections) if (!redFiles.has(keyOf(one))) this.#trusted.add(selectionOf(one));
    if (red.length === 0) return;
    const suspects = selections.filter((one) => redFiles.has(keyOf(one)));
    // Twice, as one that fails by itself may pass once. What its other tests take is not known.
    const whole = suspects.map((one): TestFile => ({ ...one, tests: [''], longestMs: UNKNOWN_MS }));
    const again = [...(await runControl(whole, this.#trying)), ...(await runControl(whole, this.#trying))];
    const redAgain = again.filter(isRed);
    const flaky = redAgain.filter((outcome) => !isRedByProblems(outcome));
    const wasWhole = new Set(suspects.filter(({ tests }) => tests.includes('')).map(keyOf));
    const known = red.filter((outcome) => wasWhole.has(keyOf(outcome)));
    if (flaky.length + known.length > 0) throw flakyTests([...known, ...flaky]);
    const none = new Set(redAgain.map(keyOf));
    for (const file of whole) {
      const ran = again.filter((outcome) => keyOf(outcome) === keyOf(file)).flatMap(({ tests }) => tests);
      const longestMs = Math.max(...ran.map(({ durationMs }) => durationMs));
      this.#instead.set(keyOf(file), none.has(keyOf(file)) ? 'nothing' : { ...file, longestMs });
    }
  }
}

async function runControl(files: readonly TestFile[], trying: Trying): Promise<FileOutcome[]> {
  const mutants = Object.fromEntries(files.map(({ file }) => [file, { id: CONTROL, mutation: 'remove' as const }]));
  const limitsMs = Object.fromEntries(files.map(({ file, longestMs }) => [file, limitOf(longestMs)]));
  const chosen = files.map((file) => specificationOf(file, trying));
  return await runTests(trying.open, trying.session, chosen, { mutants, limitsMs });
}

function isRedByProblems({ tests, errors }: FileOutcome): boolean {
  const texts = tests.flatMap((test) => (test.state === 'failed' ? test.errors : []));
  return errors.length === 0 && texts.every((text) => isProblem(text) || text === NOTICED);
}

function keyOf({ project, file }: { project: string; file: string }): string {
  return `${project}\n${file}`;
}

function selectionOf(file: TestFile): string {
  return [keyOf(file), ...file.tests].join('\n');
}

/** The tests of a red file that were run before it was known to be red, and the first red one. */
function ranIn(file: TestFile, { tests, errors }: FileOutcome): TestFile {
  if (file.tests.includes('') || errors.length > 0) return file;
  const ran = tests.filter(({ state, errors }) => state !== 'skipped' && !errors.includes(NOTICED));
  return { ...file, tests: ran.map(({ test }) => testOf(test).name) };
}

/** No path has it. */
const CONTROL = '#';

function flakyTests(red: readonly FileOutcome[]): ExceptionTestError {
  const lines = red.flatMap(({ file, tests, errors }) => [
    ...errors.map((error) => `  ${file}: ${error}`),
    ...tests
      .filter(({ state }) => state === 'failed')
      .map(({ test, errors: [error = ''] }) => `  ${file} > ${testOf(test).name}: ${error.split('\n', 1)[0] ?? ''}`),
  ]);
  return new ExceptionTestError('TESTS_FLAKY', `Tests that passed fail when they run again:\n${lines.join('\n')}`, {
    hint: 'A test that fails by itself cannot tell whether an error path matters. Find out why: does it need the tests before it, a free port, a clock?',
  });
}

function filesOf({ tests }: Candidate): TestFile[] {
  const files = new Map<string, TestFile>();
  for (const { test, durationMs } of tests) {
    const { project, file, name } = testOf(test);
    const found = files.get(keyOf({ project, file })) ?? { project, file, tests: [], durationMs: 0, longestMs: 0 };
    files.set(keyOf(found), found);
    found.tests.push(name);
    found.durationMs += durationMs;
    found.longestMs = Math.max(found.longestMs, durationMs);
  }
  return [...files.values()].sort((a, b) => a.durationMs - b.durationMs);
}

/** A test file runs for one mutant in a round, and a mutant is tried by one file: the first that is free. */
function chooseRound(tasks: readonly Task[]): Map<Task, TestFile> {
  const round = new Map<Task, TestFile>();
  const taken = new Set<string>();
  // Who has the fewest files to choose from comes first.
  for (const task of tasks.toSorted((a, b) => a.left.length - b.left.length)) {
    // Not any file of its list: the cheapest two, as to wait for a round costs less than a slow file.
    const file = task.left.slice(0, 2).find(({ file }) => !taken.has(file));
    if (file === undefined) continue;
    taken.add(file.file);
    round.set(task, file);
  }
  return round;
}

/** Answers what was red: the tests that ran until it was. */
async function runRound(round: ReadonlyMap<Task, TestFile>, trying: Trying): Promise<Map<Task, TestFile>> {
  const files = [...round];
  const mutants = Object.fromEntries(
    files.map(
      ([
        {
          candidate: { id, mutation },
        },
        { file },
      ]) => [file, { id, mutation }],
    ),
  );
  const limitsMs = Object.fromEntries(files.map(([, { file, longestMs }]) => [file, limitOf(longestMs)]));
  const specifications = [...round.values()]
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .map((file) => specificationOf(file, trying));
  const outcomes = await runTests(trying.open, trying.session, specifications, { mutants, limitsMs });
  const red = new Map(outcomes.filter(isRed).map((outcome) => [outcome.file, outcome]));
  return new Map(
    files.flatMap(([task, file]) => {
      const outcome = red.get(file.file);
      return outcome === undefined ? [] : [[task, ranIn(file, outcome)] as const];
    }),
  );
}

/** Tests of the file's own to run; all of it where the path was reached outside of any test. */
function specificationOf({ project, file, tests }: TestFile, { open, specifications }: Trying): TestSpecification {
  const found = specifications.find(
    (one) => one.project.name === project && path.relative(open.root, one.moduleId).replaceAll(path.sep, '/') === file,
  );
  if (found === undefined) throw new Error(`The test file ${file} was there a moment ago.`);
  return found.project.createSpecification(found.moduleId, tests.includes('') ? undefined : { testNames: tests });
}

export function isRed({ tests, errors }: FileOutcome): boolean {
  return errors.length > 0 || tests.some(({ state }) => state === 'failed');
}

const UNKNOWN_MS = 60_000;

/** Wide, as the machine may be busy: a test that hangs costs this once, one that is only slow must not count as hanging. */
function limitOf(durationMs: number): number {
  return 5_000 + 5 * durationMs;
}
