import type { Failure, TestedPath } from '../result.ts';

/** Finds the path that a failure is about: the one of its kind that begins in its line. */
export type FindPath = (failure: Failure) => TestedPath | undefined;

/** Makes the paths findable by their place. */
export function pathFinder(tested: readonly TestedPath[]): FindPath {
  const byPlace = Map.groupBy(tested, ({ file, start, kind }) => placeKey(file, start.line, kind));
  return ({ file, line, kind }) => byPlace.get(placeKey(file, line, kind))?.[0];
}

function placeKey(file: string, line: number, kind: string): string {
  return JSON.stringify([file, line, kind]);
}
