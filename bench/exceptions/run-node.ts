import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
}

/** Runs a program to its end, whatever its exit status; rejects where it cannot be started. */
export async function runToEnd(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const begun = performance.now();
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const status = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [ended, stdout, stderr] = await Promise.all([status, text(child.stdout), text(child.stderr)]);
  return { status: ended, stdout, stderr, seconds: (performance.now() - begun) / 1000 };
}

/** The same with the Node that runs this. */
export async function runNode(args: readonly string[], cwd: string): Promise<Ended> {
  return await runToEnd(process.execPath, args, cwd);
}
