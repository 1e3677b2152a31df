import path from 'node:path';
import { afterAll, aroundEach } from 'vitest';
import { ownPlaces } from './own-places.ts';
import { unhandledProblem, type Problem } from './problems.ts';
import { textOf, type Running, type Runtime } from './runtime.ts';

export { ownPlaces };

// Taken before a test can put fake clocks in their places.
const { setImmediate } = globalThis;

/** Counts for each test of a file, and fails one in which an error was dropped; `of` gives the key of a test by its name. */
export function observeTests(runtime: Runtime, root: string, of: (name: string) => string): void {
  aroundEach(async (runTest, { task }) => {
    const running: Running = { test: of(task.fullTestName), problems: [] };
    await observed(runtime, running, root, runTest);
    if (running.problems.length > 0 && task.result?.state !== 'fail') throw problemError(root, running.problems);
  });
  afterAll(runtime.flush);
}

/** Runs a test; rejections that nobody takes until the end of the turn after it are its problems. */
export async function observed(
  runtime: Runtime,
  running: Running,
  root: string,
  runTest: () => Promise<void>,
): Promise<void> {
  const note = (reason: unknown) => {
    // Where tests run at once, each of them is told of each rejection.
    const of = runtime.running.getStore();
    if (of !== undefined && of !== running) return;
    const [at = running.test] = reason instanceof Error ? ownPlaces(root, reason) : [];
    runtime.tell({ say: 'unhandled', test: running.test, error: textOf(reason), at });
    running.problems.push(unhandledProblem(textOf(reason), at));
  };
  process.on('unhandledRejection', note);
  try {
    await runtime.running.run(running, runTest);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    // The process may be killed without a word.
    runtime.flush();
    process.off('unhandledRejection', note);
  }
}

/** The error of a test in which others were dropped. */
export function problemError(root: string, problems: readonly Problem[]): Error {
  const error = new Error(problems.map(({ message, at }) => `${message} (${at.replaceAll('\n', ' ')})`).join('\n'));
  const [first] = problems;
  // The place where the error was dropped, not this one.
  if (first !== undefined) error.stack = `${error.name}: ${error.message}\n    at ${path.join(root, first.at)}`;
  return error;
}
