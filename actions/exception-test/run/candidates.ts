import { testOf } from '../runtime/session.ts';
import type { Counted } from './count-paths.ts';
import type { TestOutcome } from './run-tests.ts';
import type { Sources } from './sources.ts';
import type { Candidate } from './try-mutants.ts';

/** Each mutation of each path that a test reached; tests that are red by what we saw cannot notice anything. */
export function chooseCandidates(sources: Sources, { notes, files }: Counted): Candidate[] {
  const outcomes = new Map(files.flatMap(({ tests }) => tests).map((outcome) => [outcome.test, outcome]));
  const byFile = Map.groupBy(outcomes.values(), ({ test }) => fileOf(test));
  const witnesses = (test: string): { test: string; durationMs: number }[] => {
    const outcome = outcomes.get(test);
    if (outcome !== undefined) return outcome.state === 'passed' ? [outcome].map(asWitness) : [];
    // Reached outside of all tests, on import or in a hook of a suite: any test of the file may notice.
    const all = byFile.get(fileOf(test)) ?? [];
    const green = all.filter(({ state }) => state === 'passed').map(asWitness);
    const isGreen = all.every(({ state }) => state !== 'failed');
    return isGreen && green.length > 0 ? [{ test, durationMs: sumOf(green) }] : green;
  };
  return [...sources.values()].flatMap(({ paths }) =>
    paths.flatMap(({ id, mutations }) => {
      const reached = [...(notes.hits.get(id)?.keys() ?? [])].flatMap(witnesses);
      const tests = [...new Map(reached.map((witness) => [witness.test, witness])).values()];
      return tests.length === 0 ? [] : mutations.map((mutation) => ({ id, mutation, tests }));
    }),
  );
}

function asWitness({ test, durationMs }: TestOutcome): { test: string; durationMs: number } {
  return { test, durationMs };
}

function sumOf(tests: readonly { durationMs: number }[]): number {
  return tests.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

/** The same key without the name of the test. */
function fileOf(test: string): string {
  const { project, file } = testOf(test);
  return `${project}\n${file}\n`;
}
