import type { TestSpecification } from 'vitest/node';
import { ExceptionTestError } from '../failure.ts';
import { isProblem } from '../runtime/problems.ts';
import { testOf } from '../runtime/session.ts';
import type { OpenSession } from './open-session.ts';
import type { OpenVitest } from './open-vitest.ts';
import { readNotes, type Notes } from './read-notes.ts';
import { REJECTION, runTests, type FileOutcome, type TestOutcome } from './run-tests.ts';

export interface Counted {
  notes: Notes;
  files: readonly FileOutcome[];
}

/** Level 1: runs the tests as they are and counts. Error: TESTS_RED, but not for a test that is red by what we saw. */
export async function countPaths(
  open: OpenVitest,
  session: OpenSession,
  specifications: readonly TestSpecification[],
  remember: (counted: Counted) => void = () => undefined,
): Promise<Counted> {
  const files = await runTests(open, session, specifications);
  const notes = readNotes(session.notes);
  // Before all: when some are red, the others need not run again.
  remember({ notes, files });
  const told = new Set([...notes.swallowed, ...notes.unhandled].map(({ test }) => test));
  const rejecting = new Set(notes.unhandled.map(({ test }) => testOf(test).file));
  // A waived path may have told of a test that fails by itself.
  const isOurs = ({ test, errors }: TestOutcome) => told.has(test) && errors.every(isProblem);
  const red = files.flatMap(({ file, tests, errors }) => [
    ...errors
      .filter((error) => !(error.startsWith(REJECTION) && rejecting.has(file)))
      .map((error) => `${file}: ${error}`),
    ...tests
      .filter((outcome) => outcome.state === 'failed' && !isOurs(outcome))
      .map(({ test, errors: [error = ''] }) => `${file} > ${testOf(test).name}: ${error.split('\n', 1)[0] ?? ''}`),
  ]);
  if (red.length > 0) throw redTests(red);
  return { notes, files };
}

function redTests(red: readonly string[]): ExceptionTestError {
  const shown = red.slice(0, 20).map((line) => `  ${line}`);
  if (red.length > shown.length) shown.push(`  and ${red.length - shown.length} more`);
  return new ExceptionTestError('TESTS_RED', `The tests fail as they are:\n${shown.join('\n')}`, {
    hint: 'Error paths are judged by tests that pass. Mend these first: `npx vitest run`.',
  });
}
