import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** So many of the last lines are kept, to find the one that says why. */
const TAIL_LINES = 200;

export interface Program {
  command: string;
  args: readonly string[];
  /** Beside the environment of this process; the place for secrets, which a command line would show to everybody. */
  env?: Record<string, string>;
  cwd?: string;
  timeoutMs: number;
  /** Each line of both streams. */
  onLine?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface Ended {
  /** As a shell has it: 127 where there is no such program, 128 and more where a signal ended it. */
  status: number;
  stdout: string;
  /** The last lines of both streams. */
  lines: string[];
}

/** Runs a program to its end. Never rejects: what its end means is for the caller to say. */
export async function runProgram({ command, args, env, cwd, timeoutMs, onLine, signal }: Program): Promise<Ended> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    cwd,
    timeout: timeoutMs,
    signal,
  });
  const lines: string[] = [];
  const take = (line: string) => {
    if (line.trim() === '') return;
    lines.push(line);
    if (lines.length > TAIL_LINES) lines.shift();
    onLine?.(line);
  };
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  createInterface(child.stdout).on('line', take);
  createInterface(child.stderr).on('line', take);
  return await new Promise((resolve) => {
    child.on('error', (error) => {
      lines.push(error.message);
      resolve({ status: 127, stdout, lines });
    });
    child.on('close', (code, ended) => {
      if (ended !== null) lines.push(`${command} was ended by ${ended} after ${timeoutMs / 1000} s at the most`);
      resolve({ status: code ?? 128, stdout, lines });
    });
  });
}
