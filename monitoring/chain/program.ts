import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';

export interface Program {
  /** Where it answers. */
  url: string;
  /** All that it has said. */
  said: () => string;
  stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Starts a program that listens on `port` of loopback and waits until it answers under `ready`. */
export async function startProgram(
  [name = '', ...args]: readonly string[],
  { port, ready, env = {}, cwd }: { port: number; ready: string; env?: Record<string, string>; cwd: string },
): Promise<Program> {
  const child = spawn(name, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const program = {
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    stop: (signal: NodeJS.Signals = 'SIGTERM') => end(child, signal),
  };
  await vi.waitUntil(
    async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${said}`);
      return await fetch(`${program.url}${ready}`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
    { timeout: 90_000, interval: 50 },
  );
  return program;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
