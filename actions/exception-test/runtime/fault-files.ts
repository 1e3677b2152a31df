import fs from 'node:fs';
import path from 'node:path';
import { replace, systemError, type FaultPoint, type Watcher, type Watching } from './fault-watcher.ts';

const READS = ['access', 'lstat', 'opendir', 'readFile', 'readdir', 'readlink', 'realpath', 'stat', 'statfs'];
const WRITES = [
  ...['appendFile', 'chmod', 'copyFile', 'cp', 'link', 'mkdir', 'mkdtemp', 'rename', 'rm', 'rmdir', 'symlink'],
  ...['truncate', 'unlink', 'utimes', 'writeFile'],
];
const REMOVES = ['rm', 'rmdir', 'unlink'];
/** Which argument is the file that is written anew. */
const TARGETS: Readonly<Record<string, number>> = { writeFile: 0, copyFile: 1, cp: 1 };

/** Calls that name a file and do all in one go, as promises and at once. */
export function interceptFiles(watching: Watching): void {
  const { writeFileSync } = fs;
  // Some of these functions call others of them.
  let isBusy = false;
  const begin = (watcher: Watcher, name: string, given: unknown[]) => {
    const target = targetOf(name, given);
    if (target !== undefined) watcher.writing(target);
    const error = watcher.before(pointOf(name, given));
    if (error === undefined) return;
    if (target !== undefined && leavesPart(name, given)) writeFileSync(target, '');
    if (target !== undefined) watcher.ended(target);
    throw error;
  };
  for (const name of [...READS, ...WRITES]) {
    replace(fs.promises, name, (call) => async (...given) => {
      const watcher = watching();
      if (watcher === undefined) return await call(...given);
      begin(watcher, name, given);
      const result = await call(...given);
      noteAfter(watcher, name, given);
      return result;
    });
    replace(fs, `${name}Sync`, (call) => (...given) => {
      const watcher = isBusy ? undefined : watching();
      if (watcher === undefined) return call(...given);
      isBusy = true;
      try {
        begin(watcher, name, given);
        const result = call(...given);
        noteAfter(watcher, name, given);
        return result;
      } finally {
        isBusy = false;
      }
    });
  }
}

function pointOf(name: string, given: unknown[]): FaultPoint {
  const file = fileOf(given[TARGETS[name] ?? 0]);
  return {
    ...{ call: `fs.${name}`, file },
    error: () => systemError(WRITES.includes(name) ? 'ENOSPC' : 'EIO', `fs.${name}`, file),
  };
}

/** Whether a call that fails for want of room leaves an empty file, as it was about to write one anew. */
function leavesPart(name: string, [, , options]: unknown[]): boolean {
  if (name === 'copyFile') return true;
  const flag = (options as { flag?: unknown } | undefined)?.flag ?? 'w';
  return name === 'writeFile' && flag === 'w';
}

function targetOf(name: string, given: unknown[]): string | undefined {
  return name in TARGETS ? fileOf(given[TARGETS[name] ?? 0]) : undefined;
}

function noteAfter(watcher: Watcher, name: string, given: unknown[]): void {
  const [first, second] = [fileOf(given[0]), fileOf(given[1])];
  const target = targetOf(name, given);
  if (target !== undefined) watcher.written(target);
  if (first !== undefined && REMOVES.includes(name)) watcher.removed(first);
  if (first !== undefined && second !== undefined && name === 'rename') watcher.renamed(first, second);
}

/** A file that is given by its path, as an absolute path. */
export function fileOf(given: unknown): string | undefined {
  if (typeof given === 'string') return path.resolve(given);
  return given instanceof URL && given.protocol === 'file:'
    ? path.resolve(decodeURIComponent(given.pathname))
    : undefined;
}
