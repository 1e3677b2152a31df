import type { Failure } from '../result.ts';
import type { Notes } from '../run/read-notes.ts';
import type { Sources } from '../run/sources.ts';
import { testOf } from '../runtime/session.ts';

/** What the runs themselves show, whatever the tests say: errors that nobody took, and files that nobody can read. */
export function observedFailures(
  sources: Sources,
  { swallowed, unhandled }: Pick<Notes, 'swallowed' | 'unhandled'>,
): Failure[] {
  const paths = new Map([...sources.values()].flatMap((source) => source.paths).map((path) => [path.id, path]));
  const failures: Failure[] = [];
  for (const [id, notes] of Map.groupBy(swallowed, (note) => note.id)) {
    const path = paths.get(id);
    const [first] = notes;
    if (path === undefined || first === undefined) continue;
    failures.push({
      file: path.file,
      line: path.start.line,
      kind: path.kind,
      reason: 'swallowed',
      message: `\`${path.text}\` drops an error: ${first.error} (in ${nameOf(first.test)}).`,
      hint: 'Handle it, log it, or hand it on. Where it must be dropped, say so: `// exception-test allow swallowed until <date>: <why>`.',
    });
  }
  // By line: the column is another one in a process that loads the woven text itself.
  for (const notes of Map.groupBy(unhandled, (note) => placeOf(note).join(':')).values()) {
    const [first] = notes;
    if (first === undefined) continue;
    const [file, line] = placeOf(first);
    failures.push({
      file,
      line,
      kind: 'promise-reject',
      reason: 'unhandled',
      message: `A rejection was not handled: ${first.error} (in ${nameOf(first.test)}).`,
      hint: 'Await the promise, or give it a handler, in the same turn in which it is made.',
    });
  }
  for (const [file, { unparsed }] of sources) {
    if (unparsed === undefined) continue;
    const message = `The file cannot be parsed, so its error paths are not known: ${unparsed.message}`;
    failures.push({
      file,
      line: unparsed.line,
      kind: 'file',
      reason: 'unparsed',
      message,
      hint: 'Mend it, or leave it out by `exclude`.',
    });
  }
  return failures;
}

/** Where the error was made; if that is not known, the test file. */
function placeOf({ at, test }: { at: string; test: string }): [file: string, line: number] {
  const [, file = testOf(test).file, line = '1'] = /^(.+?):(\d+):\d+$/.exec(at) ?? [];
  return [file, Number(line)];
}

/** A test for people: `file > name`; for what ran outside of all tests the file. */
export function nameOf(test: string): string {
  const { project, file, name } = testOf(test);
  return `${project === '' ? '' : `[${project}] `}${file}${name === '' ? '' : ` > ${name}`}`;
}
