import type { ChildProcess } from 'node:child_process';
import { Worker as Thread } from 'node:worker_threads';
import { aroundEach } from 'vitest';
import { observed, problemError } from './observe-tests.ts';
import { NOTICED } from './problems.ts';
import type { Running, Runtime } from './runtime.ts';
import type { Mutant } from './session.ts';

// Taken before a test can put fake clocks in their places, and before threads are followed.
const { setTimeout, clearTimeout } = globalThis;
const Worker = Thread;
/** So long after a test's limit, its process counts as stuck in a loop and is killed. */
const STUCK_MS = 2_000;
const DEFAULT_LIMIT_MS = 10_000;
const GUARD = `
  const { workerData: deadline } = require('node:worker_threads');
  setInterval(() => { if (deadline[0] !== 0 && Date.now() > deadline[0]) process.kill(process.pid, 'SIGKILL'); }, 200);
`;

export interface Trial {
  runtime: Runtime;
  root: string;
  of: (name: string) => string;
  /** Processes that the tests have started. */
  children: ReadonlySet<ChildProcess>;
  mutant: Mutant;
  limitMs: number | undefined;
}

/** Runs the tests of a file with a mutant until one notices; one that hangs has noticed too. */
export function tryMutantIn({ runtime, root, of, children, mutant, limitMs = DEFAULT_LIMIT_MS }: Trial): void {
  const guard = openGuard();
  let noticed = false;
  aroundEach(async (runTest, { task }) => {
    if (noticed) throw new Error(NOTICED);
    const running: Running = { test: of(task.fullTestName), problems: [] };
    const release = guard(limitMs);
    const limit = openLimit(limitMs, () => {
      noticed = true;
      runtime.tell({ say: 'hung', id: mutant.id, test: running.test });
      for (const child of children) child.kill('SIGKILL');
    });
    try {
      await Promise.race([observed(runtime, running, root, runTest), limit.promise]);
    } finally {
      limit.clear();
      release();
    }
    noticed ||= task.result?.state === 'fail' || running.problems.length > 0;
    if (running.problems.length > 0) throw problemError(root, running.problems);
  });
}

/** Rejects after a time. */
export function openLimit(ms: number, onEnd: () => void): { promise: Promise<never>; clear: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    onEnd();
    reject(new Error(`The test hangs for more than ${ms} ms.`));
  }, ms);
  return {
    promise,
    clear: () => {
      clearTimeout(timer);
    },
  };
}

/**
 * A thread that kills this process when a mutant holds it in a loop, in which no timer comes to its turn. Called at the
 * beginning of a test, it answers what is to be called at the end.
 */
function openGuard(): (limitMs: number) => () => void {
  const deadline = new Float64Array(new SharedArrayBuffer(8));
  new Worker(GUARD, { eval: true, workerData: deadline }).unref();
  return (limitMs) => {
    deadline[0] = Date.now() + limitMs + STUCK_MS;
    return () => {
      deadline[0] = 0;
    };
  };
}
