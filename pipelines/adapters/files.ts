import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CleaverError, messageOf } from '../core/errors.ts';

/**
 * Makes `target` whole or not at all: `make` writes a file in the folder `work`, which is then synced and renamed.
 * Both must lie on one file system. Errors: DISK_FULL, DISK_FAILED, STATE_UNWRITABLE.
 */
export async function placeFile(target: string, work: string, make: (file: string) => Promise<void>): Promise<void> {
  const file = path.join(work, `${randomUUID()}${path.extname(target)}`);
  try {
    await mkdir(work, { recursive: true });
    await mkdir(path.dirname(target), { recursive: true });
    await make(file);
    await syncFile(file);
    await rename(file, target);
  } catch (error) {
    // exception-test allow swallowed until 2027-11-30: the first error is the one to tell
    await rm(file, { force: true }).catch(() => undefined);
    throw diskError(error, target);
  }
}

/** {@link placeFile} for a text that is at hand. */
export async function placeText(target: string, work: string, text: string): Promise<void> {
  await placeFile(target, work, async (file) => {
    await using handle = await open(file, 'w');
    await handle.writeFile(text);
  });
}

/** The SHA-256 of a file's content, in hex. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await onDisk(file, () => pipeline(createReadStream(file), hash));
  return hash.digest('hex');
}

/** The SHA-256 of a value's JSON, in hex; the order of keys counts. */
export function hashValue(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** The text of a file, or undefined when there is none. */
export async function readTextIfThere(file: string): Promise<string | undefined> {
  try {
    return await onDisk(file, () => readFile(file, 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Works on files; `target` is named in errors. Errors: DISK_FULL, DISK_FAILED, STATE_UNWRITABLE. */
export async function onDisk<T>(target: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(error, target);
  }
}

/** Whether a thrown value is a system error of one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** What a disk does wrong, in words for its reader; anything that is not about the disk stays what it is. */
export function diskError(error: unknown, target: string): unknown {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new CleaverError('DISK_FULL', `No room left to write ${target}.`, {
      hint: 'Free space on that disk, or move the state with CLEAVER_HOME; then run the command again.',
      cause: error,
    });
  }
  if (hasCode(error, 'EIO')) return diskFailed(target, error);
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) {
    return new CleaverError('STATE_UNWRITABLE', `${target} cannot be written: ${messageOf(error)}.`, {
      hint: 'Give this user the right to write there, or choose another folder with CLEAVER_HOME.',
      cause: error,
    });
  }
  return error;
}

/** A disk that fails while it is read or written. */
export function diskFailed(target: string, cause: unknown): CleaverError {
  return new CleaverError('DISK_FAILED', `The disk fails at ${target}: ${messageOf(cause).split('\n', 1)[0] ?? ''}.`, {
    hint: 'See what the system says of that disk (dmesg), restore what it has lost from a backup, and run the command again.',
    cause,
  });
}

async function syncFile(file: string): Promise<void> {
  await using handle = await open(file, 'r+');
  await handle.sync();
}
