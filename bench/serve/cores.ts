import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Every server has this core to itself, and whoever loads it the other. */
export const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** Puts this process, and what it starts from now on, on the core of the load. Throws on a machine with one core. */
export function moveToLoadCore(): void {
  if (availableParallelism() < 2) throw new Error('The benchmark needs two cores: one serves, the other loads it.');
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(LOAD_CORE), String(process.pid)]);
}

/** A command that runs on the server's core alone. */
export function onServerCore(program: string, args: readonly string[]): [string, string[]] {
  return ['taskset', ['--cpu-list', String(SERVER_CORE), program, ...args]];
}
