import path from 'node:path';
import { ExceptionTestError } from './failure.ts';
import { applyBaseline } from './gate/baseline.ts';
import { judge, type Judgement } from './gate/judge.ts';
import { observedFailures } from './gate/observed.ts';
import type { ExceptionTestOptions } from './options.ts';
import { countAll, countByFolder } from './report/counts.ts';
import type { ExceptionResult, Failure } from './result.ts';
import { countChanged, countRest, type Recounted } from './run/count-changed.ts';
import type { Counted } from './run/count-paths.ts';
import { countsOf, keepCounts } from './run/counts-by-commit.ts';
import { holdBaseline, knownBefore } from './run/hold-baseline.ts';
import { readImportGraph } from './run/import-graph.ts';
import { inVitest, type Run } from './run/in-vitest.ts';
import { isWanted } from './run/is-wanted.ts';
import { makeFaults, mutate } from './run/levels.ts';
import { cleanCommit, linesSince } from './run/local-git.ts';
import { openMemory } from './run/memory.ts';
import { cacheFolder } from './run/open-session.ts';
import type { Settings } from './run/run-settings.ts';
import { seenPaths } from './run/seen-paths.ts';
import type { Verdict } from './run/try-mutants.ts';
import { versionOf } from './run/version.ts';

/**
 * Tests the error paths of a project: finds them, runs its tests, takes the paths' effects away, and judges. A red gate
 * is a result. Errors: VITEST_MISSING, PLUGIN_MISSING, SOURCES_MISSING, TESTS_MISSING, TESTS_RED, TESTS_FLAKY.
 */
export async function testExceptions(settings: Settings): Promise<ExceptionResult> {
  const { level, only } = settings;
  const seconds: Partial<Record<1 | 2 | 3, number>> = {};
  const timed = async <T>(of: 1 | 2 | 3, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const done = await work();
    seconds[of] = Math.round(((seconds[of] ?? 0) * 1000 + performance.now() - started) / 100) / 10;
    return done;
  };
  const tried = await inVitest(settings, undefined, async (run) => {
    const { options, root } = run.open;
    checkSettings(settings, options);
    const memory = openMemory(cacheFolder(root), versionOf(run.open), readImportGraph(root));
    const since = settings.base === undefined ? undefined : changesSince(root, settings.base);
    const weigh = (of: 1 | 2, counted: Recounted, verdicts: Verdict[]) =>
      judgeRun(settings, { ...run, counted, verdicts, since }, of);
    try {
      let counted = await timed(1, () => countChanged(run, memory, settings));
      const askAll = async () => await timed(1, () => countRest(run, counted, memory, settings));
      // What fails may be well by a test that was left out.
      const isOpen = (of: 1 | 2, verdicts: Verdict[]) =>
        counted.rest.length > 0 &&
        applyBaseline(weigh(of, counted, verdicts).failures, knownBefore(root, options)).left.length > 0;
      if (isOpen(1, [])) counted = await askAll();
      const tryAll = async () => (level === 1 ? [] : await timed(2, () => mutate(run, counted, memory, settings)));
      let verdicts = await tryAll();
      if (isOpen(level === 1 ? 1 : 2, verdicts)) {
        counted = await askAll();
        verdicts = await tryAll();
      }
      return { ...run, counted, verdicts, since };
    } finally {
      memory.save();
    }
  });
  const { sources, open, since } = tried;
  const { options, root } = open;
  const faults = level < 3 ? undefined : await timed(3, () => makeFaults(settings, sources, options));
  // Of scopes that were not tried, nobody knows what their waivers are for.
  const judged = level === 3 && (faults?.counts.notTried ?? 0) > 0 ? 2 : level;
  const { tested, failures } = judgeRun(settings, tried, judged, faults?.failures);
  const isWhole = settings.filters.length === 0;
  const isJudged = (file: string) => isWanted(file, only);
  const left =
    options.baseline === undefined || !isWhole
      ? failures
      : holdBaseline(path.join(root, options.baseline), failures, settings.baseline, { level, isJudged, tested });
  const cache = cacheFolder(root);
  const commit = cleanCommit(root);
  if (commit !== undefined && isWhole && only.length === 0) keepCounts(cache, commit, level, countByFolder(tested));
  const base = since && countsOf(cache, since.commit, level);
  return { level, ...countAll(tested), failures: left, tested, faults: faults?.counts, base, seconds };
}

interface Tried extends Run {
  counted: Counted;
  verdicts: readonly Verdict[];
  since: ReturnType<typeof linesSince>;
}

function judgeRun(
  { today, only }: Settings,
  { sources, open, counted, verdicts, since }: Tried,
  level: 1 | 2 | 3,
  faults: readonly Failure[] = [],
): Judgement {
  const isJudged = (file: string) => isWanted(file, only);
  const judged = new Map([...sources].filter(([file]) => isJudged(file)));
  const observed = [...observedFailures(sources, counted.notes), ...faults];
  return judge({
    ...{ level, today },
    seen: seenPaths(judged, counted.notes, verdicts),
    // The scopes of faults were chosen already; what they show may lie elsewhere.
    observed: observed.filter(({ kind, file }) => kind === 'fault' || isJudged(file)),
    waivers: [...judged.values()].flatMap(({ waivers }) => waivers),
    broken: [...judged.values()].flatMap(({ brokenWaivers }) => brokenWaivers),
    thresholds: open.options.thresholds,
    changed: since?.changed,
  });
}

function changesSince(root: string, base: string): ReturnType<typeof linesSince> {
  const since = linesSince(root, base);
  if (since !== undefined) return since;
  throw new ExceptionTestError('OPTION_INVALID', `git does not know how the work differs from ${base}.`, {
    hint: 'Give a commit or branch that is in this clone; a shallow clone lacks most: `git fetch --unshallow`.',
  });
}

/** What is asked for must be possible with the options that the project has. */
function checkSettings({ baseline, filters }: Settings, options: ExceptionTestOptions): void {
  if (baseline === 'hold') return;
  if (options.baseline === undefined) {
    throw new ExceptionTestError(
      'OPTION_INVALID',
      'The plugin has no option `baseline`, so there is no file for one.',
      {
        hint: "Name it in vitest's configuration: `exceptionTest({ baseline: 'exceptions.json' })`.",
      },
    );
  }
  if (filters.length > 0) {
    throw new ExceptionTestError('OPTION_INVALID', 'A baseline is made of all tests, not of a part.', {
      hint: 'Leave the parts of test files out.',
    });
  }
}
