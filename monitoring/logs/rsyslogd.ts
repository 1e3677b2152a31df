import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { rsyslogConf } from './rsyslog.ts';

export interface RunningRsyslog {
  /** What it said of itself. */
  messages(): string;
  /** As systemd does: SIGTERM, and after 90 s SIGKILL. */
  stop(): Promise<void>;
}

/** For tests: a real rsyslogd with our configuration, all its files in a folder of the test's. */
export async function startRsyslog(folder: string, server: string, files: readonly string[]): Promise<RunningRsyslog> {
  const workFolder = path.join(folder, 'spool');
  await mkdir(workFolder, { recursive: true });
  const conf = path.join(folder, 'rsyslog.conf');
  await writeFile(conf, `global(workDirectory="${workFolder}")\n${rsyslogConf({ server, workFolder, files })}`);
  const log = path.join(folder, 'rsyslogd.log');
  const pidFile = path.join(folder, 'rsyslogd.pid');
  const output = openSync(log, 'a');
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const child = spawn('rsyslogd', ['-n', '-f', conf, '-i', pidFile], { stdio: ['ignore', output, output], env });
  const messages = () => readFileSync(log, 'utf8');
  await untilUp(child, pidFile, messages);
  return {
    messages,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 90_000);
      await ended;
      clearTimeout(killer);
    },
  };
}

async function untilUp(child: ChildProcess, pidFile: string, messages: () => string): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    if (existsSync(pidFile)) return;
    if (child.exitCode !== null) break;
    await delay(100);
  }
  throw new Error(`rsyslogd does not start: ${messages()}`);
}
