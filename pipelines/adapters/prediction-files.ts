import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { hasCode, onDisk } from './files.ts';
import { isBusy, sqliteError } from './sqlite-errors.ts';

const OPEN = '.open';
const FINISHED = '.ndjson';
const LEFT = `.left${FINISHED}`;

/**
 * A process's right to write record files of a number. It is a lock that the system drops when the process dies, so who
 * gets the lock of a number knows that nobody writes the files of that number any more (ADR 14).
 */
export interface RecordWriter {
  readonly number: number;
  release(): void;
}

/**
 * Claims the first number that is free, and finishes the files that its former holder left. Errors: STATE_UNWRITABLE,
 * DISK_FULL.
 */
export async function claimWriter(folder: string): Promise<RecordWriter> {
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  for (let number = 0; ; number += 1) {
    const lock = tryLock(folder, number);
    if (lock === undefined) continue;
    using whenItFails = new DisposableStack();
    whenItFails.use(lock);
    await finishFilesOf(folder, number);
    whenItFails.move();
    return {
      number,
      release: () => {
        lock.close();
      },
    };
  }
}

/** The path of a new file, no other's: `<time>-<process id>-<random>.w<number>.open`. Names sort by time. */
export function newRecordFile(folder: string, writer: RecordWriter, now: Date): string {
  const time = now.toISOString().replaceAll(':', '-');
  return path.join(folder, `${time}-${process.pid}-${randomBytes(4).toString('hex')}.w${writer.number}${OPEN}`);
}

/** What a file of {@link newRecordFile} is called once nobody writes it any more. */
export function finishedName(file: string): string {
  return `${file.slice(0, -OPEN.length)}${FINISHED}`;
}

/** Where lines of a finished file are kept that cannot be loaded yet; for such a file, the file itself. */
export function leftName(file: string): string {
  return file.endsWith(LEFT) ? file : `${file.slice(0, -FINISHED.length)}${LEFT}`;
}

/** All files that nobody writes any more, oldest first; those that a dead process left are finished on the way. */
export async function finishedFiles(folder: string): Promise<string[]> {
  for (const number of new Set((await openFiles(folder)).map(writerOf))) {
    using lock = tryLock(folder, number);
    if (lock !== undefined) await finishFilesOf(folder, number);
  }
  return (await filesIn(folder, FINISHED)).map((name) => path.join(folder, name));
}

async function finishFilesOf(folder: string, number: number): Promise<void> {
  for (const name of await openFiles(folder)) {
    if (writerOf(name) !== number) continue;
    const file = path.join(folder, name);
    await onDisk(file, () => rename(file, finishedName(file)));
  }
}

/** Those that are named as a writer names them. */
async function openFiles(folder: string): Promise<string[]> {
  return (await filesIn(folder, OPEN)).filter((name) => !Number.isNaN(writerOf(name)));
}

function writerOf(name: string): number {
  return Number(/\.w(\d+)\.open$/.exec(name)?.[1]);
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  try {
    const names = await onDisk(folder, () => readdir(folder));
    return names.filter((name) => name.endsWith(ending)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The lock of a number, or undefined while a living process has it. */
function tryLock(folder: string, number: number): DatabaseSync | undefined {
  const file = path.join(folder, `writer-${number}.lock`);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (isBusy(error)) return undefined;
    const codes = { unreachable: 'STATE_UNWRITABLE', queryFailed: 'STATE_UNWRITABLE' } as const;
    throw sqliteError(error, { ...codes, file, what: 'the lock' });
  }
}
