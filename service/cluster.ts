import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { listen, OTHER_METRICS_PORT } from './listen.ts';
import type { Metrics, MetricValues } from './metrics/metrics.ts';
import { readSettings } from './settings.ts';

/** Between a process that serves and the one that started it. */
type Message =
  | { cleaver: 'ask'; number: number }
  | { cleaver: 'give'; number: number; asker: number }
  | { cleaver: 'values'; number: number; asker: number; values: MetricValues }
  | { cleaver: 'answer'; number: number; values: MetricValues[] };

/** A process that does not answer in this time is left out of the page: it computes, or has just died. */
const ANSWER_MS = 1000;
const RESTART_MS = 1000;

export interface ClusterOptions {
  workers: number;
  host: string;
  /** 0 picks a free one, the same for all. */
  port: number;
  /** How each process runs the program that this one runs. */
  command: { execArgv: string[]; args: (port: number) => string[] };
  log: (line: string) => void;
}

/**
 * Runs a command in several processes that share the port, and that of the metrics, and starts one anew that dies. Each is
 * asked for its metrics when one of them makes the page. Resolves when one listens. Errors: PORT_IN_USE, OPTION_INVALID.
 */
export async function runCluster(options: ClusterOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { workers, host, port, command, log } = options;
  const { metricsPort } = readSettings({ ...process.env, HOST: host, PORT: String(port) });
  const url = await tryPort(host, port);
  if (metricsPort !== undefined) await tryPort(host, metricsPort, OTHER_METRICS_PORT);
  cluster.setupPrimary({
    execArgv: command.execArgv,
    args: command.args(Number(new URL(url).port || 80)),
    // One answer on stdout is enough, and it is ours.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let closing = false;
  const listening = Promise.withResolvers<undefined>();
  const gathering = new Map<string, { values: MetricValues[]; missing: number; finish: () => void }>();
  const start = () => {
    const worker = cluster.fork();
    worker.on('message', (message: Message | { listening: string }) => {
      if ('listening' in message) listening.resolve(undefined);
      else if (message.cleaver === 'ask') gather(worker, message.number);
      else if (message.cleaver === 'values') take(message);
    });
    worker.once('exit', (code, signal: string | null) => {
      if (closing) return;
      log(`serve: process ${worker.process.pid} has ended (${signal ?? code}); another starts`);
      setTimeout(() => {
        if (!closing) start();
      }, RESTART_MS);
    });
  };
  const gather = (asker: Worker, number: number) => {
    const others = Object.values(cluster.workers ?? {}).filter((each) => each !== undefined && each.id !== asker.id);
    const key = `${asker.id}/${number}`;
    const finish = () => {
      clearTimeout(timer);
      const values = gathering.get(key)?.values ?? [];
      if (gathering.delete(key)) send(asker, { cleaver: 'answer', number, values });
    };
    const timer = setTimeout(finish, ANSWER_MS);
    gathering.set(key, { values: [], missing: others.length, finish });
    for (const other of others) if (other) send(other, { cleaver: 'give', number, asker: asker.id });
    if (others.length === 0) finish();
  };
  const take = ({ asker, number, values }: Message & { cleaver: 'values' }) => {
    const gathered = gathering.get(`${asker}/${number}`);
    if (gathered === undefined) return;
    gathered.values.push(values);
    gathered.missing -= 1;
    if (gathered.missing === 0) gathered.finish();
  };
  for (let count = 0; count < workers; count += 1) start();
  await listening.promise;
  return {
    url,
    async close() {
      closing = true;
      const running = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
      const ends = running.map((worker) => once(worker, 'exit'));
      // Each finishes what it has begun.
      for (const worker of running) worker.process.kill('SIGTERM');
      await Promise.all(ends);
    },
  };
}

/** Whether the port can be had, before processes start that would all say that it cannot. */
async function tryPort(host: string, port: number, hint?: string): Promise<string> {
  const server = createServer();
  const url = await listen(server, host, port, hint);
  server.close();
  await once(server, 'close');
  return url;
}

/** In a process of a cluster: answers for the others' pages, and asks the others for one of its own. */
export function joinCluster(metrics: Pick<Metrics, 'values'>): { others: () => Promise<MetricValues[]> } {
  if (!cluster.isWorker) return { others: () => Promise.resolve([]) };
  const asked = new Map<number, (values: MetricValues[]) => void>();
  let last = 0;
  process.on('message', (message: Message) => {
    if (message.cleaver === 'answer') {
      asked.get(message.number)?.(message.values);
      asked.delete(message.number);
    } else if (message.cleaver === 'give') {
      const { number, asker } = message;
      void metrics.values().then((values) => {
        process.send?.({ cleaver: 'values', number, asker, values } satisfies Message);
      });
    }
  });
  return {
    async others() {
      last += 1;
      const number = last;
      return await new Promise((resolve) => {
        asked.set(number, resolve);
        process.send?.({ cleaver: 'ask', number } satisfies Message);
      });
    },
  };
}

function send(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message);
}
