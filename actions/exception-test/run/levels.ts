import { faultFailures } from '../gate/fault-failures.ts';
import type { ExceptionTestOptions } from '../options.ts';
import type { ExceptionResult, Failure } from '../result.ts';
import { chooseCandidates } from './candidates.ts';
import type { Recounted } from './count-changed.ts';
import { countPaths } from './count-paths.ts';
import { faultSources } from './fault-sources.ts';
import { inVitest, type Run } from './in-vitest.ts';
import { isWanted } from './is-wanted.ts';
import type { Memory } from './memory.ts';
import { addHits } from './read-notes.ts';
import type { Settings } from './run-settings.ts';
import type { Sources } from './sources.ts';
import { tryFaults } from './try-faults.ts';
import { tryMutants, type Verdict } from './try-mutants.ts';

/** Level 2. */
export async function mutate(
  { open, session, specifications, sources }: Run,
  { notes, files, likely }: Recounted,
  memory: Memory,
  { budgetSeconds, onProgress, full, only }: Settings,
): Promise<Verdict[]> {
  const all = chooseCandidates(sources, { notes: { ...notes, hits: addHits(notes.hits, likely) }, files }).filter(
    ({ id }) => isWanted(id, only),
  );
  const known = full ? [] : all.map((one) => memory.recallVerdict(one)).filter((verdict) => verdict !== undefined);
  const names = new Set(known.map(({ id, mutation }) => `${id} ${mutation}`));
  const untried = all.filter(({ id, mutation }) => !names.has(`${id} ${mutation}`));
  onProgress(`level 2: ${untried.length} of ${all.length} mutations are tried`);
  const verdicts = await tryMutants(untried, {
    open,
    session,
    specifications,
    deadline: Date.now() + budgetSeconds * 1000,
    onProgress: (tried, all) => {
      onProgress(`level 2: ${tried} of ${all}`);
    },
  });
  memory.rememberVerdicts(verdicts);
  return [...known, ...verdicts];
}

/** Level 3, in a vitest of its own: other texts are woven. */
export async function makeFaults(
  settings: Settings,
  sources: Sources,
  { faults = {} }: ExceptionTestOptions,
): Promise<{ failures: Failure[]; counts: NonNullable<ExceptionResult['faults']> }> {
  const woven = faultSources(sources, settings.root, faults);
  return await inVitest(settings, woven.sources, async ({ open, session, specifications }) => {
    const counted = await countPaths(open, session, specifications);
    const scopes = woven.scopes.filter(({ file }) => isWanted(file, settings.only));
    const run = await tryFaults(scopes, counted, {
      open,
      session,
      specifications,
      deadline: Date.now() + settings.budgetSeconds * 1000,
      onProgress: (tried, all) => {
        settings.onProgress(`level 3: ${tried} of ${all} scopes tried`);
      },
    });
    const counts = { targets: scopes.length, injected: run.injected, notTried: run.notTried.length };
    return { failures: faultFailures(run, scopes, faults), counts };
  });
}
