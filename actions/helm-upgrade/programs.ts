import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { explainFailure, missingProgram } from './explain-failure.ts';

/** How a program ended. */
export interface Ended {
  /** Null when it was killed: at its time limit, or by the signal. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Written to its standard input. */
  input?: string;
  timeoutMs?: number;
  /** Kills it. */
  signal?: AbortSignal | undefined;
}

export type ProgramName = 'helm' | 'kubectl' | 'cosign';

/** The programs on PATH that speak with the cluster and the registry. */
export interface Programs {
  /** Runs one to its end, however it ends. Error: TOOL_MISSING when it is not on PATH. */
  run(program: ProgramName, args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** The same; answers what it wrote. Error: what {@link explainFailure} makes of an end that is not good. */
  ask(program: ProgramName, args: readonly string[], options?: RunOptions): Promise<string>;
  /**
   * Starts one that goes on until it is stopped, at the latest when this process ends; resolves when it has written a line.
   * Errors: TOOL_MISSING, and what {@link explainFailure} makes of an end before that.
   */
  start(program: ProgramName, args: readonly string[]): Promise<Started>;
}

export interface Started {
  stop(): Promise<void>;
}

const exec = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** Of what a program says while it runs, the end is kept. */
const MAX_SAID = 10_000;

/** The real ones. Not by @actions/exec: it can neither kill a program nor end it at a time limit. */
export function openPrograms(): Programs {
  const programs: Programs = {
    async run(program, args, { input, timeoutMs = TIMEOUT_MS, signal } = {}) {
      const limits = { maxBuffer: MAX_OUTPUT_BYTES, timeout: timeoutMs, killSignal: 'SIGKILL' as const };
      const running = exec(program, args, limits);
      // Not by its option `signal`, which is no SIGKILL: at a SIGTERM helm goes back by itself, while we do.
      const kill = () => running.child.kill('SIGKILL');
      if (signal?.aborted) kill();
      signal?.addEventListener('abort', kill);
      let unread = '';
      running.child.stdin?.on('error', (error) => {
        // It has ended before it read all; what it says itself tells more.
        unread = error.message;
      });
      running.child.stdin?.end(input ?? '');
      try {
        return { status: 0, ...(await running) };
      } catch (thrown) {
        const { code, stdout = '', stderr = '' } = thrown as { code?: unknown; stdout?: string; stderr?: string };
        if (code === 'ENOENT') throw missingProgram(program, thrown);
        return { status: typeof code === 'number' ? code : null, stdout, stderr: stderr === '' ? unread : stderr };
      } finally {
        signal?.removeEventListener('abort', kill);
      }
    },
    async ask(program, args, options) {
      const ended = await programs.run(program, args, options);
      if (ended.status !== 0) throw explainFailure(program, args, ended);
      return ended.stdout;
    },
    async start(program, args) {
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const kill = () => child.kill('SIGKILL');
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr = (stderr + chunk).slice(-MAX_SAID)));
      const isThere = await new Promise<unknown>((resolve) => {
        child.once('error', resolve);
        child.stdout.once('data', () => {
          resolve(true);
        });
        void ended.then(() => {
          resolve(false);
        });
      });
      if (isThere === false) throw explainFailure(program, args, { status: await ended, stdout: '', stderr });
      if (isThere !== true) throw missingProgram(program, isThere);
      // What it says later is not waited for.
      child.stdout.resume();
      process.once('exit', kill);
      return {
        async stop() {
          process.off('exit', kill);
          kill();
          await ended;
        },
      };
    },
  };
  return programs;
}
