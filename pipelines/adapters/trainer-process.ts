import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CleaverError } from '../core/errors.ts';
import { diskError, hasCode, readTextIfThere } from './files.ts';

/** How much of a command's output an error repeats. */
const TAIL_LINES = 20;

export interface TrainerCommand {
  command: readonly string[];
  /** The work folder; the command runs there. */
  folder: string;
  timeLimitMs: number;
  /** Each line that the command prints. */
  onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs a training command to its end. It gets a process group of its own, so that a time limit ends its children too;
 * its id is noted in the folder, so that the next run can end it when this process was killed.
 * Errors: TRAINER_CRASHED, TRAINER_TIMEOUT, DISK_FULL.
 */
export async function runTrainerCommand({ command, folder, timeLimitMs, onLine }: TrainerCommand): Promise<void> {
  const [program = '', ...args] = command;
  const tail: string[] = [];
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const take = (chunk: Buffer) => {
    for (const line of chunk
      .toString('utf8')
      .split(/\r?\n|\r/)
      .filter(Boolean)) {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine?.(line);
    }
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve(signal ?? String(code));
    });
  });
  const limit = { reached: false };
  const timer = setTimeout(() => {
    limit.reached = true;
    endGroup(child.pid);
  }, timeLimitMs);
  try {
    // Before anything else can happen, a cancelled job above all: what is not noted would be left running.
    if (child.pid !== undefined) noteTrainer(folder, child.pid);
    const status = await ended;
    if (limit.reached) throw timeout(command, timeLimitMs, tail);
    if (status !== '0') throw crashed(command, `ended with ${status}`, tail);
  } catch (error) {
    throw hasCode(error, 'ENOENT', 'EACCES', 'EAGAIN', 'EMFILE', 'ENOMEM')
      ? crashed(command, (error as Error).message, tail, error)
      : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a training command that a killed command of ours left running in this work folder. */
export async function endLeftoverTrainer(workFolder: string): Promise<void> {
  const note = await readTextIfThere(noteFile(workFolder));
  if (note === undefined) return;
  // A kill in the middle of the writing leaves a part of it, or nothing.
  const [, pid, startedAt] = /^\{"pid":([1-9]\d*),"startedAt":"(\d*)"\}$/.exec(note) ?? [];
  // A pid alone may meanwhile belong to somebody else.
  if (pid !== undefined && startOf(Number(pid)) === startedAt) endGroup(Number(pid));
}

function noteTrainer(folder: string, pid: number): void {
  try {
    writeFileSync(noteFile(path.dirname(folder)), JSON.stringify({ pid, startedAt: startOf(pid) }));
  } catch (error) {
    endGroup(pid);
    throw diskError(error, noteFile(path.dirname(folder)));
  }
}

function noteFile(workFolder: string): string {
  return path.join(workFolder, 'trainer.json');
}

/** When a process started, in the system's ticks; empty where the system does not tell (no /proc). */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

function crashed(command: readonly string[], how: string, tail: readonly string[], cause?: unknown): CleaverError {
  const message = `The training command \`${command.join(' ')}\` ${how}.${quote(tail)}`;
  // It writes into our state folder, and only its own words say why it could not.
  if (tail.some((line) => /\bENOSPC\b|no space left on device/i.test(line))) {
    return new CleaverError('DISK_FULL', message, {
      hint: 'Free space on that disk, or move the state with CLEAVER_HOME; then run the command again.',
      cause,
    });
  }
  return new CleaverError('TRAINER_CRASHED', message, {
    hint: 'Mend what its last lines say; the manifest names the command in trainer.command.',
    cause,
  });
}

function timeout(command: readonly string[], limitMs: number, tail: readonly string[]): CleaverError {
  const message = `The training command \`${command.join(' ')}\` was ended after its time limit of ${limitMs / 1000} s.${quote(tail)}`;
  return new CleaverError('TRAINER_TIMEOUT', message, {
    hint: 'Raise trainer.timeLimitSeconds in the manifest, or give it less to do (window.maxRows, trainer.parameters).',
  });
}

function quote(tail: readonly string[]): string {
  return tail.length === 0 ? '' : ` Its last lines:\n${tail.map((line) => `  ${line}`).join('\n')}`;
}
