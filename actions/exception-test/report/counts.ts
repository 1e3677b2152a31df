import type { Counts, TestedPath } from '../result.ts';

/** Counts of each folder, in the order of their names; see {@link folderOf} for what a folder is. */
export function countByFolder(tested: readonly TestedPath[]): Record<string, Counts> {
  return Object.fromEntries(groupByFolder(tested).map(([folder, paths]) => [folder, countAll(paths)]));
}

/** Counts of all paths. A waived one counts as waived, and as reached where it is; its mutations are nobody's fault. */
export function countAll(tested: readonly TestedPath[]): Counts {
  const count = (holds: (path: TestedPath) => boolean) => tested.filter(holds).length;
  return {
    paths: tested.length,
    reached: count((path) => path.count > 0),
    survivors: count((path) => !isWaived(path) && path.survivors.length > 0),
    notTried: count((path) => !isWaived(path) && path.notTried.length > 0),
    waived: count(isWaived),
  };
}

/** The sum of counts, such as those of all folders of the base. */
export function sumCounts(all: readonly Counts[]): Counts {
  const sum: Counts = { paths: 0, reached: 0, survivors: 0, notTried: 0, waived: 0 };
  for (const counts of all) for (const key of COUNT_KEYS) sum[key] += counts[key];
  return sum;
}

/** Paths by folder, in the order of the folders' names. */
export function groupByFolder(tested: readonly TestedPath[]): [folder: string, paths: TestedPath[]][] {
  const groups = Map.groupBy(tested, ({ file }) => folderOf(file));
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The first two folders that a file is in (`pipelines/steps`), or the one, or `.` in the root. */
export function folderOf(file: string): string {
  return file.split('/').slice(0, -1).slice(0, 2).join('/') || '.';
}

/** Whether tests notice each of a path's mutations. One that has none need only be reached. */
export function isAsserted({ count, survivors, notTried }: TestedPath): boolean {
  return count > 0 && survivors.length === 0 && notTried.length === 0;
}

/** A share in whole percent. Rounded down, so that 100 is said of all only; a dash where there is nothing to share. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.floor((part / whole) * 100)} %`;
}

const COUNT_KEYS = ['paths', 'reached', 'survivors', 'notTried', 'waived'] as const;

function isWaived({ waived }: TestedPath): boolean {
  return waived !== undefined;
}
