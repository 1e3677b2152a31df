import path from 'node:path';

/** Whether a file, or a path by its id, is to be judged. */
export function isWanted(name: string, only: readonly string[]): boolean {
  const file = name.replace(/[#!]\d+$/, '');
  return only.length === 0 || only.some((glob) => path.matchesGlob(file, glob));
}
