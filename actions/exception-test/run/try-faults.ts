import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TestSpecification } from 'vitest/node';
import type { FaultScope } from '../find/fault-scopes.ts';
import type { FaultOutcome } from '../runtime/fault-watch.ts';
import type { FaultOrder } from '../runtime/orders.ts';
import { testOf } from '../runtime/session.ts';
import type { Counted } from './count-paths.ts';
import { readNotes, type Notes } from './read-notes.ts';
import { runTests } from './run-tests.ts';
import type { Trying } from './try-mutants.ts';

/** More calls of a scope than this are not tried. */
const MAX_CALLS = 150;

export interface FaultRun {
  outcomes: readonly FaultOutcome[];
  /** Runs of a test that did not come to an end with the n-th call of a scope failing. */
  stuck: readonly { scope: string; n: number; test: string }[];
  /** Calls that were made to fail. */
  injected: number;
  /** Scopes that no test enters, or that there was no time for, or of which not all calls were tried. */
  notTried: readonly FaultScope[];
}

/** A test is as good as the one with the most calls when it makes this share of them, and it may be cheaper. */
const NEARLY_ALL = 0.9;

/**
 * Level 3: for each scope the test that makes the most calls in it runs again and again, the next call failing each time.
 * Goes in rounds, as level 2 does: a test file has one scope at a time.
 */
export async function tryFaults(scopes: readonly FaultScope[], counted: Counted, trying: Trying): Promise<FaultRun> {
  const outcomes = new Map(counted.files.flatMap(({ tests }) => tests).map((outcome) => [outcome.test, outcome]));
  const entering = (scope: FaultScope) =>
    [...(counted.notes.hits.get(scope.id)?.keys() ?? [])].filter(
      (test) => testOf(test).name !== '' && outcomes.get(test)?.state === 'passed',
    );
  await measure(new Set(scopes.flatMap(entering)), outcomes, trying);
  const measured = readNotes(trying.session.notes).faultEnds;
  const tasks = scopes.map((scope) => ({
    scope,
    test: chooseTest(
      measured.filter((end) => end.scope === scope.id),
      outcomes,
    ),
  }));
  let left = tasks.filter((task): task is Task => task.test !== undefined);
  while (left.length > 0 && Date.now() < trying.deadline) {
    const round = new Map<string, Task>();
    for (const task of left) {
      const { file } = testOf(task.test);
      if (!round.has(file)) round.set(file, task);
    }
    await runRound(round, outcomes, trying);
    const taken = new Set(round.values());
    left = left.filter((task) => !taken.has(task));
    trying.onProgress?.(scopes.length - left.length, scopes.length);
  }
  const notes = readNotes(trying.session.notes);
  const whole = new Set(notes.faultEnds.filter(({ all }) => all).map(({ scope }) => scope));
  // Where no test makes a call there is none to fail.
  for (const { scope, test } of tasks) if (test === undefined && entering(scope).length > 0) whole.add(scope.id);
  return {
    outcomes: notes.faults.map(({ test, outcome }) => withoutOwnError(outcome, test, notes.thrown)),
    stuck: notes.stuck,
    injected: notes.faults.length + notes.stuck.length,
    notTried: scopes.filter(({ id }) => !whole.has(id)),
  };
}

interface Task {
  scope: FaultScope;
  test: string;
}

type Durations = ReadonlyMap<string, { durationMs: number }>;

/** Runs tests once, each telling how many calls it makes in each scope. */
async function measure(tests: ReadonlySet<string>, outcomes: Durations, trying: Trying): Promise<void> {
  const byFile = Map.groupBy(tests, (test) => testOf(test).file);
  const longest = (names: readonly string[]) => Math.max(...names.map((test) => outcomes.get(test)?.durationMs ?? 0));
  const chosen = [...byFile.values()].map((names) => specificationOf(names, trying));
  await runTests(trying.open, trying.session, chosen, {
    faults: Object.fromEntries([...byFile.keys()].map((file) => [file, 'measure' as const])),
    limitsMs: Object.fromEntries([...byFile].map(([file, names]) => [file, limitOf(longest(names))])),
  });
}

/** The cheapest of the tests that make (nearly) the most calls in a scope. */
export function chooseTest(
  measured: readonly { test: string; tried: number }[],
  outcomes: Durations,
): string | undefined {
  const most = Math.max(...measured.map(({ tried }) => tried));
  const duration = ({ test }: { test: string }) => outcomes.get(test)?.durationMs ?? 0;
  return measured.filter(({ tried }) => tried >= NEARLY_ALL * most).sort((a, b) => duration(a) - duration(b))[0]?.test;
}

/** A test may end a scope by an error of its own, as one does that kills it on the way: no call that failed made that. */
export function withoutOwnError(outcome: FaultOutcome, test: string, thrown: Notes['thrown']): FaultOutcome {
  const isOwn = thrown.some(
    (one) => one.test === test && one.scope === outcome.scope && isDeepStrictEqual(one.error, outcome.error),
  );
  return isOwn ? { ...outcome, error: undefined } : outcome;
}

async function runRound(round: ReadonlyMap<string, Task>, outcomes: Durations, trying: Trying): Promise<void> {
  const faults: Record<string, FaultOrder> = {};
  const limitsMs: Record<string, number> = {};
  for (const [file, { scope, test }] of round) {
    faults[file] = { scope: scope.id, test: testOf(test).name, max: MAX_CALLS };
    limitsMs[file] = limitOf(outcomes.get(test)?.durationMs ?? 0);
  }
  const chosen = [...round.values()].map(({ test }) => specificationOf([test], trying));
  await runTests(trying.open, trying.session, chosen, { faults, limitsMs });
}

function specificationOf(tests: readonly string[], { open, specifications }: Trying): TestSpecification {
  const { project, file } = testOf(tests[0] ?? '');
  const found = specifications.find(
    (one) => one.project.name === project && path.relative(open.root, one.moduleId).replaceAll(path.sep, '/') === file,
  );
  if (found === undefined) throw new Error(`The test file ${file} was there a moment ago.`);
  return found.project.createSpecification(found.moduleId, { testNames: tests.map((test) => testOf(test).name) });
}

/** Wide, as the machine may be busy. */
function limitOf(durationMs: number): number {
  return 5_000 + 5 * durationMs;
}
