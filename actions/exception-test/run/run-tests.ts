import path from 'node:path';
import type { TestCase, TestModule, TestSpecification } from 'vitest/node';
import { ORDERS, type RunOrders } from '../runtime/orders.ts';
import { textOf } from '../runtime/runtime.ts';
import { testKey } from '../runtime/session.ts';
import type { OpenVitest } from './open-vitest.ts';
import type { OpenSession } from './open-session.ts';

/** What became of a test. */
export interface TestOutcome {
  /** {@link testKey}. */
  test: string;
  state: 'passed' | 'failed' | 'skipped';
  durationMs: number;
  errors: readonly string[];
}

/** What became of a test file. */
export interface FileOutcome {
  project: string;
  /** From the root. */
  file: string;
  tests: readonly TestOutcome[];
  /** What went wrong outside of the tests, so that the file is red: on loading it, in a hook, with its process. */
  errors: readonly string[];
}

/** What the test files of a run have to do besides running; by default they only count. */
export type Duties = Partial<Omit<RunOrders, 'session' | 'project'>>;

/** Runs test files in the warm vitest, each file at most once. */
export async function runTests(
  { vitest, root, projects, options }: OpenVitest,
  session: OpenSession,
  specifications: readonly TestSpecification[],
  { mutants = {}, limitsMs = {}, ...duties }: Duties = {},
): Promise<FileOutcome[]> {
  for (const { project } of projects) {
    const faultCalls = options.faults?.calls ?? [];
    project.provide(ORDERS, { session: session.file, project: project.name, mutants, limitsMs, faultCalls, ...duties });
  }
  const status = process.exitCode;
  let crash: unknown;
  let uncaught: Uncaught[] = [];
  try {
    const { unhandledErrors } = await vitest.runTestSpecifications([...specifications], false);
    uncaught = unhandledErrors as Uncaught[];
  } catch (error) {
    // A process that was killed, by a mutant or by what guards against it.
    crash = error;
  } finally {
    // vitest sets it for failed tests, which are what level 2 looks for.
    process.exitCode = status;
  }
  return outcomesOf(specifications, { root, uncaught, crash });
}

/** What became of test files that vitest has run. */
export function outcomesOf(
  files: readonly TestedFile[],
  { root, uncaught, crash }: { root: string; uncaught: readonly Uncaught[]; crash?: unknown },
): FileOutcome[] {
  return files.map((tested) => {
    const outcome = outcomeOf(tested, root, crash);
    const own = uncaught.filter(({ VITEST_TEST_PATH }) => VITEST_TEST_PATH === tested.moduleId);
    return { ...outcome, errors: [...outcome.errors, ...own.map(({ type = '', message }) => `${type}: ${message}`)] };
  });
}

type TestedFile = Pick<TestSpecification, 'project' | 'moduleId' | 'testModule'>;

/** An error that came up outside of what vitest awaits. */
export interface Uncaught {
  message: string;
  type?: string;
  VITEST_TEST_PATH?: string;
}

/** What vitest calls a rejection that nobody takes; those of a test are told by ourselves too. */
export const REJECTION = 'Unhandled Rejection';

function outcomeOf({ project, moduleId, testModule }: TestedFile, root: string, crash: unknown): FileOutcome {
  const file = path.relative(root, moduleId).replaceAll(path.sep, '/');
  const tests =
    testModule === undefined ? [] : testsOf(testModule).map((test) => outcomeOfTest(project.name, file, test));
  const errors = testModule?.errors().map(({ message }) => message) ?? [];
  for (const suite of testModule?.children.allSuites() ?? [])
    errors.push(...suite.errors().map(({ message }) => message));
  const isOver = testModule !== undefined && ['passed', 'failed', 'skipped'].includes(testModule.state());
  if (!isOver || tests.some(({ state }) => (state as string) === 'pending')) {
    errors.push(crash === undefined ? 'The file was not run to its end.' : textOf(crash));
  }
  return { project: project.name, file, tests, errors };
}

function testsOf(module: TestModule): TestCase[] {
  return [...module.children.allTests()];
}

function outcomeOfTest(project: string, file: string, test: TestCase): TestOutcome {
  const { state, errors = [] } = test.result();
  return {
    test: testKey(project, file, test.fullName),
    state: state as TestOutcome['state'],
    durationMs: test.diagnostic()?.duration ?? 0,
    errors: errors.map(({ message }) => message),
  };
}
