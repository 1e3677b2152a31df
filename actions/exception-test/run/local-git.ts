import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { changedLines } from '../gate/changed-lines.ts';
import { isCode } from './sources.ts';

/** What git says in a folder; undefined where it says no, or is not there. */
function ask(root: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}

/**
 * The lines in which the files differ from the point where the work left `base`, all of those that git does not know yet;
 * undefined where that is not known.
 */
export function linesSince(
  root: string,
  base: string,
): { commit: string; changed: Map<string, Set<number>> } | undefined {
  const commit = ask(root, ['merge-base', '--end-of-options', base, 'HEAD'])?.trim();
  const diff = commit === undefined ? undefined : ask(root, [...DIFF, commit, '--']);
  if (commit === undefined || diff === undefined) return undefined;
  const changed = changedLines(diff);
  const others = ask(root, ['ls-files', '-z', '--others', '--exclude-standard']) ?? '';
  for (const file of others.split('\0').filter(isCode)) {
    const count = readFileSync(path.join(root, file), 'utf8').split('\n').length;
    changed.set(file, new Set(Array.from({ length: count }, (_, at) => at + 1)));
  }
  return { commit, changed };
}

/** Whatever the configuration of git says. */
const DIFF = [
  ...['diff', '--unified=0', '--inter-hunk-context=0', '--no-color', '--no-ext-diff', '--no-textconv', '--relative'],
  ...['--src-prefix=a/', '--dst-prefix=b/'],
];

/** The commit that the files are those of; undefined when they are of none. */
export function cleanCommit(root: string): string | undefined {
  return ask(root, ['status', '--porcelain']) === '' ? ask(root, ['rev-parse', 'HEAD'])?.trim() : undefined;
}
