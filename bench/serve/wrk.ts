import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = path.join(import.meta.dirname, 'requests.lua');

export interface LoadFigures {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Requests with another status than 200, or none. */
  failed: number;
}

interface Printed {
  seconds: number;
  requests: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  badStatus: number;
  broken: number;
  timedOut: number;
}

/**
 * Loads `url` with the bodies of a file (one a line) over so many connections, each sending its next request when the
 * last is answered. Throws when none is answered well.
 */
export async function runWrk(
  url: string,
  bodiesFile: string,
  connections: number,
  seconds: number,
): Promise<LoadFigures> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT, url, '--', bodiesFile];
  const { stdout } = await promisify(execFile)('wrk', args);
  return figuresIn(stdout);
}

/** The figures that requests.lua has printed. */
export function figuresIn(stdout: string): LoadFigures {
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk has told no figures:\n${stdout}`);
  const { seconds, requests, badStatus, broken, timedOut, ...latency } = JSON.parse(line) as Printed;
  const good = requests - badStatus;
  if (good === 0) throw new Error(`None of ${requests} requests was answered well, ${broken} broke off.`);
  return { requestsPerSecond: good / seconds, ...latency, failed: badStatus + broken + timedOut };
}

/** Throws with what to install when wrk or taskset is missing. */
export async function checkTools(): Promise<void> {
  for (const [program, packageName] of [
    ['wrk', 'wrk'],
    ['taskset', 'util-linux'],
  ] as const) {
    // wrk --version ends with 1.
    const missing = await promisify(execFile)(program, ['--version']).then(
      () => false,
      (error: unknown) => (error as { code?: unknown }).code === 'ENOENT',
    );
    if (missing) throw new Error(`${program} is not installed. On Debian: apt-get install ${packageName}`);
  }
}
