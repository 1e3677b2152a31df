import childProcess, { type ChildProcess } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import workerThreads from 'node:worker_threads';
import { ERRAND_VARIABLE, SESSION_VARIABLE, type Errand } from './session.ts';

const REGISTER = pathToFileURL(path.join(import.meta.dirname, 'register.mjs')).href;

const FOLLOWED = Symbol.for('exception-test.followed');

interface Followed {
  sessionFile: string;
  errand: () => Errand;
  started: Set<ChildProcess>;
}

type Environment = Record<string, string | undefined>;

/**
 * Sees to it that processes and threads started from here count too, whatever environment they are given: Node reads
 * NODE_OPTIONS, others take no notice of it. Answers the processes that were started and may still run.
 */
export function followChildren(sessionFile: string, errand: () => Errand): Set<ChildProcess> {
  const process = globalThis as { [FOLLOWED]?: Followed };
  const before = process[FOLLOWED];
  if (before !== undefined) {
    // Where test files share a process, a file takes over from the one before it.
    Object.assign(before, { sessionFile, errand });
    return before.started;
  }
  const followed: Followed = { sessionFile, errand, started: new Set() };
  process[FOLLOWED] = followed;
  const extended = (given: Environment): Environment => {
    // Given another session by a test, as those of this program are.
    const own = given[SESSION_VARIABLE];
    if (own !== undefined && own !== globalThis.process.env[SESSION_VARIABLE]) return given;
    const options = given['NODE_OPTIONS'] ?? '';
    return {
      ...given,
      NODE_OPTIONS: options.includes(REGISTER) ? options : `${options} --import=${REGISTER}`.trim(),
      [SESSION_VARIABLE]: followed.sessionFile,
      [ERRAND_VARIABLE]: JSON.stringify(followed.errand()),
    };
  };
  followProcesses(extended, followed.started);
  followSynchronous(extended);
  followThreads(extended);
  syncBuiltinESMExports();
  return followed.started;
}

/** spawn, exec, execFile and fork all come down to this method, which takes the environment as lines `NAME=value`. */
function followProcesses(extended: (given: Environment) => Environment, started: Set<ChildProcess>): void {
  const prototype = childProcess.ChildProcess.prototype as unknown as {
    spawn: (this: ChildProcess, options: { envPairs?: string[] }) => unknown;
  };
  const spawn = prototype.spawn;
  prototype.spawn = function (options) {
    const given = Object.fromEntries((options.envPairs ?? []).map((line) => splitOnce(line, '=')));
    options.envPairs = Object.entries(extended(given)).map(([name, value]) => `${name}=${value ?? ''}`);
    started.add(this);
    this.once('exit', () => started.delete(this));
    return spawn.call(this, options);
  };
}

function followSynchronous(extended: (given: Environment) => Environment): void {
  const methods = childProcess as unknown as Record<string, (...given: unknown[]) => unknown>;
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) {
    const run = methods[name];
    methods[name] = (...given) => {
      const isOptions = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
      while (given.length > 0 && given.at(-1) === undefined) given.pop();
      const at = given.findIndex(isOptions);
      const options = (at < 0 ? {} : given[at]) as { env?: Environment };
      const changed = { ...options, env: extended(options.env ?? process.env) };
      return run?.(...(at < 0 ? [...given, changed] : given.with(at, changed)));
    };
  }
}

function followThreads(extended: (given: Environment) => Environment): void {
  const { Worker: Thread, SHARE_ENV } = workerThreads;
  workerThreads.Worker = class Worker extends Thread {
    constructor(file: string | URL, options: workerThreads.WorkerOptions = {}) {
      const { env = process.env, execArgv = process.execArgv } = options;
      const changed = extended(env === SHARE_ENV ? process.env : (env as Environment));
      const told = new URLSearchParams({
        session: changed[SESSION_VARIABLE] ?? '',
        errand: changed[ERRAND_VARIABLE] ?? '',
      });
      super(file, {
        ...options,
        env: env === SHARE_ENV ? env : changed,
        execArgv: [
          ...execArgv.filter((option) => !option.startsWith(`--import=${REGISTER}`)),
          `--import=${REGISTER}${env === SHARE_ENV ? `?${told.toString()}` : ''}`,
        ],
      });
    }
  };
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + by.length)];
}
