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
 */
export async function tryMutants(candidates: readonly Candidate[], trying: Trying): Promise<Verdict[]> {
  const all = await withWitnesses(
    candidates.map((candidate): Task => ({ candidate, left: filesOf(candidate), done: [], isPartial: false })),
    trying,
  );
  const untried = (of: readonly Task[]) =>
    of.map(({ candidate, done }): Verdict => ({ ...candidate, verdict: 'untried', by: done }));
  const verdicts = untried(all.filter(({ left }) => left.length === 0));
  let tasks = all.filter(({ left }) => left.length > 0);
  while (tasks.length > 0 && Date.now() < trying.deadline) {
    const round = chooseRound(tasks);
    const noticed = await runRound(round, trying);
    for (const [task, file] of round) {
      task.left = task.left.filter((one) => one !== file);
      task.done.push(file.file);
      if (noticed.has(task)) verdicts.push({ ...task.candidate, verdict: 'noticed', by: task.done });
      else if (task.left.length === 0) {
        verdicts.push({ ...task.candidate, verdict: task.isPartial ? 'untried' : 'survived', by: task.done });
      }
    }
    tasks = tasks.filter((task) => task.left.length > 0 && !noticed.has(task));
    trying.onProgress?.(verdicts.length, candidates.length);
  }
  return [...verdicts, ...untried(tasks)];
}

/**
 * Runs all tests that are to notice something once more, in the same way but with nothing to notice. Where that is red, a
 * test may need those before it: then the whole file is to notice. Where some of those drop errors, so that the whole is
 * red anyway, nothing in the file is a witness. Error: TESTS_FLAKY.
 */
async function withWitnesses(tasks: readonly Task[], trying: Trying): Promise<Task[]> {
  const files = new Map<string, TestFile>();
  for (const file of tasks.flatMap(({ left }) => left)) {
    const known = files.get(keyOf(file));
    files.set(keyOf(file), {
      ...file,
      tests: [...new Set([...(known?.tests ?? []), ...file.tests])],
      durationMs: file.durationMs + (known?.durationMs ?? 0),
    });
  }
  const red = await runControl([...files.values()], trying);
  if (red.length === 0) return [...tasks];
  const whole = red.map((outcome): TestFile => ({ ...must(files.get(keyOf(outcome))), tests: [''] }));
  // Twice, as one that fails by itself may pass once.
  const again = [...(await runControl(whole, trying)), ...(await runControl(whole, trying))];
  const flaky = again.filter((outcome) => !isRedByProblems(outcome));
  const known = red.filter((outcome) => files.get(keyOf(outcome))?.tests.includes('') === true);
  if (flaky.length + known.length > 0) throw flakyTests([...known, ...flaky]);
  const none = new Set(again.map(keyOf));
  const instead = new Map(whole.map((file) => [keyOf(file), file]));
  return tasks.map((task) => ({
    ...task,
    isPartial: task.left.some((file) => none.has(keyOf(file))),
    left: task.left.filter((file) => !none.has(keyOf(file))).map((file) => instead.get(keyOf(file)) ?? file),
  }));
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

async function runRound(round: ReadonlyMap<Task, TestFile>, trying: Trying): Promise<Set<Task>> {
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
  return new Set([...round].filter(([, { file }]) => red.has(file)).map(([task]) => task));
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
