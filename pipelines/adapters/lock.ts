import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { CleaverError } from '../core/errors.ts';
import { onDisk, placeText, readTextIfThere } from './files.ts';
import type { Home } from './home.ts';
import { isBusy, sqliteError } from './sqlite-errors.ts';
import { endLeftoverTrainer } from './trainer-process.ts';

export interface LockOptions {
  /** Said to others who meet the lock. */
  verb: string;
  /** How long to wait for the lock before BUSY; by default half a minute, looking every 50 ms. */
  waitMs?: number;
  pollMs?: number;
}

/**
 * Runs `work` as the only command at work on a model in this state folder, its work folder swept first. The lock is an
 * exclusive SQLite transaction, which the system drops by itself when the process dies (ADR 3). Error: BUSY.
 */
export async function withModelLock<T>(
  home: Home,
  model: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await acquire(home, model, options);
  try {
    const workFolder = path.join(home.work, model);
    await endLeftoverTrainer(workFolder);
    await onDisk(workFolder, async () => {
      await rm(workFolder, { recursive: true, force: true });
      await mkdir(workFolder, { recursive: true });
    });
    const holder = JSON.stringify({ pid: process.pid, verb: options.verb });
    await placeText(holderFile(home, model), workFolder, holder);
    try {
      return await work();
    } finally {
      await onDisk(workFolder, () => rm(workFolder, { recursive: true, force: true }));
    }
  } finally {
    lock.close();
  }
}

async function acquire(home: Home, model: string, options: LockOptions): Promise<DatabaseSync> {
  await onDisk(home.locks, () => mkdir(home.locks, { recursive: true }));
  const { waitMs = 30_000, pollMs = 50 } = options;
  const lock = openLock(home, model);
  for (let waited = 0; ; waited += pollMs) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      if (!isBusy(error) || waited >= waitMs) {
        lock.close();
        throw isBusy(error) ? await busy(home, model) : lockError(error, home);
      }
      await sleep(pollMs);
    }
  }
}

function openLock(home: Home, model: string): DatabaseSync {
  try {
    return new DatabaseSync(path.join(home.locks, `${model}.lock`));
  } catch (error) {
    throw lockError(error, home);
  }
}

function lockError(error: unknown, home: Home): unknown {
  const codes = { unreachable: 'STATE_UNWRITABLE', queryFailed: 'STATE_UNWRITABLE' } as const;
  return sqliteError(error, { ...codes, file: home.locks, what: 'the lock' });
}

async function busy(home: Home, model: string): Promise<CleaverError> {
  const holder = await readTextIfThere(holderFile(home, model));
  const who = holder === undefined ? 'another command' : describe(JSON.parse(holder) as { pid: number; verb: string });
  return new CleaverError('BUSY', `The model ${model} is being worked on by ${who}.`, {
    hint: 'Wait until it has ended, or end it, and run the command again.',
  });
}

function describe({ pid, verb }: { pid: number; verb: string }): string {
  return `\`cleaver ${verb}\` (process ${pid})`;
}

function holderFile(home: Home, model: string): string {
  return path.join(home.locks, `${model}.json`);
}
