import { aroundAll, aroundEach, type RunnerTestSuite } from 'vitest';
import { openFaults, type Faults } from './faults.ts';
import { interceptCalls } from './fault-points.ts';
import { observed, ownPlaces } from './observe-tests.ts';
import type { FaultOrder } from './orders.ts';
import { installRuntime, type Running, type Runtime } from './runtime.ts';
import type { Errand, Session } from './session.ts';
import { openLimit } from './try-mutant-in.ts';

const DEFAULT_LIMIT_MS = 10_000;

export interface FaultTrial {
  session: Session;
  errand: Errand;
  /** To measure is to run all tests once, and to tell how many calls each makes in each scope. */
  fault: FaultOrder | 'measure';
  calls: readonly string[];
  limitMs: number | undefined;
}

/**
 * Runs one test again and again, the first call of a scope failing the first time, the second the second time, until
 * there is no other. What the test itself says of it is of no interest: what came out of the scope is.
 */
export function tryFaultsIn({ session, errand, fault, calls, limitMs = DEFAULT_LIMIT_MS }: FaultTrial): void {
  const { root } = session;
  const faults = openFaults((error) => ownPlaces(root, error));
  const runtime = installRuntime(session, errand, faults);
  interceptCalls(faults.watcher, root, calls);
  const run = async (test: string, runTest: () => Promise<void>, onStuck: () => void) => {
    const running: Running = { test, problems: [] };
    const limit = openLimit(limitMs, onStuck);
    try {
      await Promise.race([observed(runtime, running, root, runTest), limit.promise]);
    } finally {
      limit.clear();
    }
  };
  if (fault === 'measure') measureIn(faults, errand, runtime, run);
  else repeatIn(faults, errand, runtime, fault, run);
}

type Run = (test: string, runTest: () => Promise<void>, onStuck: () => void) => Promise<void>;

function measureIn(faults: Faults, errand: Errand, runtime: Runtime, run: Run): void {
  aroundEach(async (runTest, { task }) => {
    const test = `${errand.test}${task.fullTestName}`;
    faults.order('measure');
    try {
      await run(test, runTest, () => undefined);
    } finally {
      const { calls, thrown } = faults.measured();
      for (const [scope, tried] of calls) runtime.tell({ say: 'fault-end', test, scope, tried, all: false });
      for (const { scope, error } of thrown) runtime.tell({ say: 'thrown', test, scope, error });
    }
  });
}

function repeatIn(
  faults: Faults,
  errand: Errand,
  runtime: Runtime,
  { scope, test: name, max }: FaultOrder,
  run: Run,
): void {
  let n = 0;
  let isOver = false;
  // vitest reads the pattern: the suite comes third.
  // eslint-disable-next-line no-empty-pattern
  aroundAll(async (runSuite, {}, suite) => {
    repeat(suite, name, max);
    await runSuite();
  });
  aroundEach(async (runTest, { task }) => {
    if (isOver) throw new Error('All calls have been tried.');
    const test = `${errand.test}${task.fullTestName}`;
    n += 1;
    faults.order({ scope, n });
    try {
      await run(test, runTest, () => {
        runtime.tell({ say: 'stuck', test, scope, n });
      });
    } finally {
      const { outcomes, calls } = await faults.result();
      for (const outcome of outcomes) runtime.tell({ say: 'fault', test, outcome });
      isOver = calls < n || n > max;
      if (isOver) runtime.tell({ say: 'fault-end', test, scope, tried: Math.min(n, calls), all: calls < n });
    }
  });
}

/** A test's repetitions, before it begins. */
function repeat(suite: RunnerTestSuite, test: string, times: number): void {
  for (const task of suite.tasks) {
    if (task.type === 'suite') repeat(task, test, times);
    else if (task.fullTestName === test) task.repeats = times;
  }
}
