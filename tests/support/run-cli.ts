import { spawn } from 'node:child_process';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { COMPILE_CACHE } from './compile-cache.ts';

export const CLI = path.join(import.meta.dirname, '..', '..', 'pipelines', 'cli.ts');

export interface CliResult {
  status: number | null;
  stdout: string;
  stderr: string;
  /** All of stdout, which `--json` promises to be one object. */
  json: Record<string, unknown>;
}

export interface RunningCli {
  /** Everything on stderr so far. */
  stderr: () => string;
  kill: (signal: NodeJS.Signals) => void;
  ended: Promise<CliResult>;
}

/** Starts the command line (or `program`) as a process of its own, in the folder `cwd`; ended with the test at the latest. */
export function startCli(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
  program = CLI,
): RunningCli {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CLEAVER_HOME: path.join(cwd, 'state'),
      CLEAVER_MODELS: path.join(cwd, 'models'),
      ...COMPILE_CACHE,
      ...env,
    },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<CliResult>((resolve) =>
    child.once('close', (status) => {
      resolve({
        status,
        stdout,
        stderr,
        get json() {
          return JSON.parse(stdout) as Record<string, unknown>;
        },
      });
    }),
  );
  return { stderr: () => stderr, kill: (signal) => child.kill(signal), ended };
}

/** Runs a command to its end. */
export async function runCli(cwd: string, args: readonly string[], env?: Record<string, string>): Promise<CliResult> {
  return await startCli(cwd, args, env).ended;
}
