import type { TestSpecification } from 'vitest/node';
import { testKey, testOf } from '../runtime/session.ts';
import { countPaths, type Counted } from './count-paths.ts';
import { coveringTests } from './covering-tests.ts';
import { relativeTo, type Run } from './in-vitest.ts';
import { isWanted } from './is-wanted.ts';
import type { Memory, Remembered } from './memory.ts';
import { addHits, readNotes, type Hits, type Notes } from './read-notes.ts';
import type { Settings } from './run-settings.ts';
import { runTests, type FileOutcome } from './run-tests.ts';
import { isRed } from './try-mutants.ts';

/** Level 1 with what is known from before. */
export interface Recounted extends Counted {
  /** What tests reached whose files are as they were, with all that they are made of. */
  sure: Hits;
  /** What such files dropped where that is waived. */
  swallowedBefore: Notes['swallowed'];
  /** What tests reached that something has changed of since. */
  likely: Hits;
  /** The files of these. */
  rest: readonly TestSpecification[];
}

interface Known extends Remembered {
  specification: TestSpecification;
}

/**
 * Level 1 after a change. Test files that are new or changed are run. Of those that are only made of something that changed,
 * as many tests are run as it takes to reach each path again that no other test reaches.
 */
export async function countChanged(run: Run, memory: Memory, settings: Settings): Promise<Recounted> {
  const { open, session, specifications, sources } = run;
  const known = settings.full ? [] : specifications.flatMap((one) => recall(run, memory, one));
  const names = new Set(known.map(({ specification }) => specification));
  const changed = specifications.filter((one) => !names.has(one));
  settings.onProgress(`level 1: ${changed.length} of ${specifications.length} test files are run`);
  let counted = await countPaths(open, session, changed, memory.remember.bind(memory));
  let stale = known.filter(({ isCurrent }) => !isCurrent);
  const sure = hitsOf(known, ({ isCurrent, current }, test) => isCurrent || current.has(test));
  const paths = [...sources.values()].flatMap(({ paths }) => paths.map(({ id }) => id));
  const asked = new Set<string>();
  for (;;) {
    const reached = addHits(counted.notes.hits, sure);
    const left = new Set(paths.filter((id) => isWanted(id, settings.only) && !reached.has(id)));
    const likely = hitsOf(stale, ({ current }, test) => !asked.has(test) && !current.has(test));
    const chosen = coveringTests(left, likely, durationIn(stale));
    if (chosen.size === 0) break;
    for (const test of chosen) asked.add(test);
    const asWhole = await runChosen(run, memory, stale, chosen, settings);
    const { notes, files } = await countPaths(open, session, asWhole, memory.remember.bind(memory));
    counted = { notes, files: [...counted.files, ...files] };
    stale = stale.filter(({ specification }) => !asWhole.includes(specification));
  }
  const isStale = new Set(stale);
  const remembered = known.filter((one) => one.isCurrent || isStale.has(one));
  return {
    notes: {
      ...counted.notes,
      hits: addHits(counted.notes.hits, sure),
      swallowed: [...counted.notes.swallowed, ...remembered.flatMap(({ swallowed }) => swallowed)],
    },
    files: [...counted.files, ...remembered.map(({ outcome }) => outcome)],
    sure,
    likely: hitsOf(stale, () => true),
    rest: stale.map(({ specification }) => specification),
    swallowedBefore: known.filter(({ isCurrent }) => isCurrent).flatMap(({ swallowed }) => swallowed),
  };
}

/** Runs what {@link countChanged} left out. */
export async function countRest(
  { open, session, specifications }: Run,
  { sure, files, rest, swallowedBefore }: Recounted,
  memory: Memory,
  { onProgress }: Settings,
): Promise<Recounted> {
  onProgress(`level 1: ${rest.length} of ${specifications.length} test files are run, as something fails`);
  const counted = await countPaths(open, session, rest, memory.remember.bind(memory));
  const names = new Set(counted.files.map(nameOf));
  return {
    notes: {
      ...counted.notes,
      hits: addHits(counted.notes.hits, sure),
      swallowed: [...counted.notes.swallowed, ...swallowedBefore],
    },
    files: [...files.filter((file) => !names.has(nameOf(file))), ...counted.files],
    ...{ sure, likely: new Map(), rest: [], swallowedBefore },
  };
}

/** Runs single tests; answers the files that have to run as a whole instead. */
async function runChosen(
  { open, session }: Run,
  memory: Memory,
  stale: readonly Known[],
  chosen: ReadonlySet<string>,
  { onProgress }: Settings,
): Promise<TestSpecification[]> {
  const files = stale.flatMap(({ specification, outcome }) => {
    const prefix = testKey(outcome.project, outcome.file, '');
    const testNames = [...chosen].filter((test) => test.startsWith(prefix)).map((test) => testOf(test).name);
    return testNames.length === 0 ? [] : [{ specification, testNames }];
  });
  // What is reached on import, or in a hook of a suite, is no test's.
  const [asWhole, byTests] = [true, false].map((is) => files.filter(({ testNames }) => testNames.includes('') === is));
  onProgress(`level 1: ${chosen.size} tests of ${files.length} more are run, for what only they reached`);
  const specifications = (byTests ?? []).map(({ specification: { project, moduleId }, testNames }) =>
    project.createSpecification(moduleId, { testNames }),
  );
  const outcomes = await runTests(open, session, specifications);
  const { hits, swallowed, unhandled } = readNotes(session.notes);
  const told = new Set([...swallowed, ...unhandled].map(({ test }) => test));
  // A test may need those before it; what drops an error is for the run of the file to tell.
  const isOdd = (outcome: FileOutcome) => isRed(outcome) || outcome.tests.some(({ test }) => told.has(test));
  for (const outcome of outcomes) if (!isOdd(outcome)) memory.rememberTests(outcome, hits);
  const odd = new Set(outcomes.filter(isOdd).map(nameOf));
  const ofOdd = stale.filter(({ outcome }) => odd.has(nameOf(outcome)));
  return [...(asWhole ?? []), ...ofOdd].map(({ specification }) => specification);
}

function recall({ open }: Run, memory: Memory, specification: TestSpecification): Known[] {
  const found = memory.recall(specification.project.name, relativeTo(open.root, specification.moduleId));
  return found === undefined ? [] : [{ ...found, specification }];
}

/** What tests reached that are to be counted. */
function hitsOf(known: readonly Known[], isCounted: (file: Known, test: string) => boolean): Hits {
  return known.reduce<Hits>((all, file) => {
    const counted = [...file.hits].map(([id, byTest]): [string, Map<string, number>] => [
      id,
      new Map([...byTest].filter(([test]) => isCounted(file, test))),
    ]);
    return addHits(all, new Map(counted.filter(([, byTest]) => byTest.size > 0)));
  }, new Map());
}

function durationIn(files: readonly Known[]): (test: string) => number {
  const all = files.flatMap(({ outcome }) => outcome.tests);
  const durations = new Map(all.map(({ test, durationMs }) => [test, durationMs]));
  return (test) => durations.get(test) ?? 0;
}

function nameOf({ project, file }: { project: string; file: string }): string {
  return testKey(project, file, '');
}
