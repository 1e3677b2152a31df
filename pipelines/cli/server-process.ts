import { fork } from 'node:child_process';
import path from 'node:path';
import type { Home } from '../adapters/home.ts';
import { CleaverError } from '../core/errors.ts';
import type { ServeMessage } from './serve.ts';
import { SERVER_FLAGS } from './server-flags.ts';

/** Starts `serve` as a process of its own, so that training never delays an answer. Error: PORT_IN_USE. */
export async function startServer(home: Home, port: number) {
  const child = fork(path.join(import.meta.dirname, '..', 'cli.ts'), ['serve', '--port', String(port), '--json'], {
    env: { ...process.env, CLEAVER_HOME: home.root },
    execArgv: [...process.execArgv, ...SERVER_FLAGS],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C reaches the whole group of the terminal; the server ends when we say so.
    detached: true,
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', () => undefined);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  // Made for each who waits: a rejection that nobody waits for would end this process.
  const died = async (): Promise<never> => {
    await ended;
    throw serverError(output);
  };
  const listening = new Promise<string>((resolve) =>
    child.once('message', (message) => {
      resolve((message as ServeMessage).listening);
    }),
  );
  return {
    url: await Promise.race([listening, died()]),
    died,
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function serverError(output: string): unknown {
  const { code, message, hint } = JSON.parse(output || '{}') as { code?: string; message?: string; hint?: string };
  if (code === 'PORT_IN_USE') return new CleaverError(code, message ?? '', { hint: hint ?? '' });
  return new Error(`The server has ended: ${message ?? output}`);
}
