import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMb } from './processes.ts';

const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;

export interface Command {
  program: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

export interface Launched {
  url: string;
  port: number;
  pid: number;
  /** From the start of the process to its first good answer. */
  readyMs: number;
  /** In MB, see processes.ts. */
  residentMb: () => number;
  /** What it has printed. */
  log: () => string;
  stop: () => Promise<void>;
}

export interface LaunchOptions {
  /** Its working folder; what it prints goes to a file there. */
  folder: string;
  /** Builds the command for three free ports: its own, and two more for servers that open others. */
  command: (ports: readonly [number, number, number]) => Command;
  /** Asked until it is answered with 200. */
  trial: { path: string; body: string };
}

/** Starts a server and waits for its first good answer. Throws with what it printed when it ends before, or after two minutes. */
export async function launch({ folder, command, trial }: LaunchOptions): Promise<Launched> {
  const ports = await freePorts();
  const { program, args, env } = command(ports);
  const logFile = path.join(folder, `${ports[0]}.log`);
  const output = openSync(logFile, 'w');
  const begun = performance.now();
  // A group of its own, so that the workers of those that fork end with it.
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...outerEnvironment(), ...env },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const log = () => readFileSync(logFile, 'utf8');
  const pid = await pidOf(child);
  const killGroup = () => {
    signalGroup(pid, 'SIGKILL');
  };
  process.once('exit', killGroup);
  const stop = async () => {
    await stopChild(child, pid);
    process.off('exit', killGroup);
  };
  const url = `http://127.0.0.1:${ports[0]}`;
  while ((await answerOf(`${url}${trial.path}`, trial.body).catch(() => undefined))?.status !== 200) {
    const waited = performance.now() - begun;
    if (child.exitCode !== null || child.signalCode !== null || waited > READY_LIMIT_MS) {
      await stop();
      throw new Error(`${program} ${args.join(' ')} gave no good answer in ${Math.round(waited)} ms:\n${log()}`);
    }
    await sleep(3);
  }
  const readyMs = performance.now() - begun;
  return { url, port: ports[0], pid, readyMs, residentMb: () => residentMb(pid), log, stop };
}

/** Posts JSON over a connection of its own. */
export async function answerOf(url: string, body: string): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request(url, { method: 'POST', headers, agent: false, timeout: 10_000 }, (response) => {
    text(response).then((answer) => {
      resolve({ status: response.statusCode ?? 0, text: answer });
    }, reject);
  });
  sent.on('timeout', () => sent.destroy(new Error(`${url} does not answer.`)));
  sent.on('error', reject);
  sent.end(body);
  return await promise;
}

/** The caller's environment without its settings of our server, which would change what is measured. */
function outerEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CLEAVER_|NODE_OPTIONS$|PORT$|HOST$)/.test(name)),
  );
}

async function pidOf(child: ChildProcess): Promise<number> {
  if (child.pid === undefined) await once(child, 'spawn');
  return child.pid ?? 0;
}

async function stopChild(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await Promise.race([once(child, 'exit'), sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
  }
  // Also when the first has ended: others of its group may live on.
  signalGroup(pid, 'SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export async function freePorts(): Promise<[number, number, number]> {
  const servers = Array.from({ length: 3 }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [first = 0, second = 0, third = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return [first, second, third];
}
