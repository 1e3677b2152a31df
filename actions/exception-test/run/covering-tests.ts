import { testOf } from '../runtime/session.ts';
import type { Hits } from './read-notes.ts';

/** What it takes to load a test file, beside its tests. */
const LOAD_MS = 500;

/**
 * Tests that together reached all of the paths: time and again the one that adds the most paths for its time. A greedy set
 * cover is at most ln n times as long as the shortest (Chvátal 1979).
 *
 * @param paths ids of paths; those that no test reached are left out
 * @param durationOf milliseconds of a test
 */
export function coveringTests(
  paths: ReadonlySet<string>,
  hits: Hits,
  durationOf: (test: string) => number,
): Set<string> {
  const left = new Map<string, Set<string>>();
  for (const [id, byTest] of hits) {
    if (!paths.has(id)) continue;
    for (const test of byTest.keys()) left.set(test, (left.get(test) ?? new Set()).add(id));
  }
  const chosen = new Set<string>();
  const loaded = new Set<string>();
  const costOf = (test: string) => 1 + durationOf(test) + (loaded.has(fileOf(test)) ? 0 : LOAD_MS);
  while (left.size > 0) {
    const worth = ([test, ids]: [string, Set<string>]) => ids.size / costOf(test);
    const [test, added] = [...left].reduce((best, one) => (worth(one) > worth(best) ? one : best));
    chosen.add(test);
    loaded.add(fileOf(test));
    for (const [other, ids] of left) {
      for (const id of [...added]) if (other !== test) ids.delete(id);
      if (ids.size === 0 || other === test) left.delete(other);
    }
  }
  return chosen;
}

function fileOf(test: string): string {
  const { project, file } = testOf(test);
  return `${project}\n${file}`;
}
