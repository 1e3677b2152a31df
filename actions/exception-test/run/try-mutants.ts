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
  const witnesses = new Witnesses(tasks, trying);
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
 * What test files are worth as witnesses. One that is red has noticed something only if all its tests that are to notice are
 * green with nothing to notice: that is tried when it is first red. Where it is red then too, a test may need those before
 * it, so the whole file is to notice. Where some tests drop errors, so that the whole is red anyway, nothing in it is a witness.
 */
class Witnesses {
  readonly #trying: Trying;
  readonly #files = new Map<string, TestFile>();
  readonly #worth = new Map<string, 'as it is' | 'nothing' | TestFile>();

  constructor(tasks: readonly Task[], trying: Trying) {
    this.#trying = trying;
    for (const file of tasks.flatMap(({ left }) => left)) {
      const known = this.#files.get(keyOf(file));
      this.#files.set(keyOf(file), {
        ...file,
        tests: [...new Set([...(known?.tests ?? []), ...file.tests])],
        durationMs: file.durationMs + (known?.durationMs ?? 0),
      });
    }
  }

  /** Which of the tasks whose files were red are noticed. Error: TESTS_FLAKY. */
  async amongRed(red: ReadonlyMap<Task, TestFile>): Promise<Set<Task>> {
    const unknown = [...red.values()].filter((file) => !this.#worth.has(keyOf(file)));
    if (unknown.length > 0) await this.#control(unknown.map((file) => must(this.#files.get(keyOf(file)))));
    const isWitness = (file: TestFile) => ['as it is', file].includes(this.#worth.get(keyOf(file)) ?? 'nothing');
    return new Set([...red].filter(([, file]) => isWitness(file)).map(([task]) => task));
  }

  /** A task with what is to be run in the place of files that are no witnesses as they are. */
  replaceIn(task: Task): Task {
    const left = task.left.flatMap((file) => {
      const worth = this.#worth.get(keyOf(file)) ?? 'as it is';
      if (worth === 'nothing') return [];
      return worth === 'as it is' ? [file] : [worth];
    });
    return { ...task, left, isPartial: task.isPartial || left.length < task.left.length };
  }

  /** Runs files with no mutant. */
  async #control(files: readonly TestFile[]): Promise<void> {
    for (const file of files) this.#worth.set(keyOf(file), 'as it is');
    const red = await runControl(files, this.#trying);
    if (red.length === 0) return;
    const whole = red.map((outcome): TestFile => ({ ...must(this.#files.get(keyOf(outcome))), tests: [''] }));
    // Twice, as one that fails by itself may pass once.
    const again = [...(await runControl(whole, this.#trying)), ...(await runControl(whole, this.#trying))];
    const flaky = again.filter((outcome) => !isRedByProblems(outcome));
    const known = red.filter((outcome) => this.#files.get(keyOf(outcome))?.tests.includes('') === true);
    if (flaky.length + known.length > 0) throw flakyTests([...known, ...flaky]);
    const none = new Set(again.map(keyOf));
    for (const file of whole) this.#worth.set(keyOf(file), none.has(keyOf(file)) ? 'nothing' : file);
  }
}

/** Answers what is red. */
async function runControl(files: readonly TestFile[], trying: Trying): Promise<FileOutcome[]> {
  const mutants = Object.fromEntries(files.map(({ file }) => [file, { id: CONTROL, mutation: 'remove' as const }]));
  const limitsMs = Object.fromEntries(files.map(({ file, durationMs }) => [file, limitOf(durationMs)]));
  const chosen = files.map((file) => specificationOf(file, trying));
  return (await runTests(trying.open, trying.session, chosen, { mutants, limitsMs })).filter(isRed);
}

function isRedByProblems({ tests, errors }: FileOutcome): boolean {
  const texts = tests.flatMap((test) => (test.state === 'failed' ? test.errors : []));
  return errors.length === 0 && texts.every((text) => isProblem(text) || text === NOTICED);
}

function keyOf({ project, file }: { project: string; file: string }): string {
  return `${project}\n${file}`;
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A test file was run that nobody asked for.');
  return value;
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
    const found = files.get(keyOf({ project, file })) ?? { project, file, tests: [], durationMs: 0 };
    files.set(keyOf(found), found);
    found.tests.push(name);
    found.durationMs += durationMs;
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

/** Answers what was red. */
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
  const limitsMs = Object.fromEntries(files.map(([, { file, durationMs }]) => [file, limitOf(durationMs)]));
  const specifications = [...round.values()]
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .map((file) => specificationOf(file, trying));
  const outcomes = await runTests(trying.open, trying.session, specifications, { mutants, limitsMs });
  const red = new Set(outcomes.filter(isRed).map(({ file }) => file));
  return new Map([...round].filter(([, { file }]) => red.has(file)));
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

/** Wide, as the machine may be busy: a test that hangs costs this once, one that is only slow must not count as hanging. */
function limitOf(durationMs: number): number {
  return 5_000 + 5 * durationMs;
}
