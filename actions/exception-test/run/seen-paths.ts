import { baselineLine, type Baseline } from '../gate/baseline.ts';
import type { Seen } from '../gate/judge.ts';
import { nameOf } from '../gate/observed.ts';
import type { Notes } from './read-notes.ts';
import type { Sources } from './sources.ts';
import type { Verdict } from './try-mutants.ts';

/** Each path with what the tests made of it. */
export function seenPaths(sources: Sources, notes: Pick<Notes, 'hits'>, verdicts: readonly Verdict[]): Seen[] {
  const byId = Map.groupBy(verdicts, ({ id }) => id);
  return [...sources.values()].flatMap(({ paths }) =>
    paths.map((found) => {
      const tests = [...(notes.hits.get(found.id) ?? [])];
      const mutationsThat = (verdict: Verdict['verdict']) =>
        (byId.get(found.id) ?? []).filter((one) => one.verdict === verdict).map(({ mutation }) => mutation);
      return {
        path: found,
        count: tests.reduce((sum, [, count]) => sum + count, 0),
        tests: tests.map(([test]) => nameOf(test)),
        survivors: mutationsThat('survived'),
        notTried: mutationsThat('untried'),
      };
    }),
  );
}

/** Paths that may swallow an error without failing the test: by a waiver that still holds, or known from before. */
export function swallowable(sources: Sources, today: string, baseline: Baseline): string[] {
  const known = new Set(baseline);
  return [...sources.values()].flatMap(({ paths, waivers }) =>
    paths
      .filter(({ file, kind, start, text }) => {
        const isWaived = waivers.some(
          ({ line, reasons, until }) => line === start.line - 1 && until >= today && reasons.includes('swallowed'),
        );
        return isWaived || known.has(baselineLine({ file, kind, reason: 'swallowed', message: `\`${text}\`` }));
      })
      .map(({ id }) => id),
  );
}
