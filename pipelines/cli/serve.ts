import cluster from 'node:cluster';
import { type ClusterOptions, runCluster } from '../../service/cluster.ts';
import { startServer } from '../../service/server.ts';
import { readSettings } from '../../service/settings.ts';
import { homeAt } from '../adapters/home.ts';
import type { PersonConsole } from './console.ts';
import type { Answer } from './program.ts';
import { SERVER_FLAGS } from './server-flags.ts';

/** What `serve` tells the process that started it, over the channel that `fork` opens. */
export interface ServeMessage {
  listening: string;
}

/** Serves until it is told to stop: Ctrl-C, SIGTERM, or the end of the process that forked it. */
export async function serve(options: Record<string, unknown>, console: PersonConsole): Promise<Answer> {
  // The command line goes through the same check.
  const settings = readSettings({ ...process.env, HOST: String(options['host']), PORT: String(options['port']) });
  const address = { host: settings.host, port: settings.port };
  const log = (line: string) => {
    console.line(line);
  };
  const server =
    settings.workers > 1 && cluster.isPrimary
      ? await runCluster({ workers: settings.workers, ...address, command: commandOf(address.host), log })
      : await startServer({ home: homeAt(), settings, ...address, log: process.stderr.isTTY ? log : undefined });
  if (!cluster.isWorker) log(`Serving at ${server.url} (the manager's page: ${server.url}/admin). Ctrl-C ends it.`);
  process.send?.({ listening: server.url } satisfies ServeMessage);
  const reason = await untilTold();
  await server.close();
  return {
    json: { outcome: 'done', url: server.url, endedBy: reason },
    text: 'The server has ended; every request was answered.',
  };
}

function commandOf(host: string): ClusterOptions['command'] {
  return {
    execArgv: SERVER_FLAGS,
    args: (port) => ['serve', '--host', host, '--port', String(port)],
  };
}

/** Waits for the first reason to end. */
export async function untilTold(): Promise<string> {
  return await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
    process.once('disconnect', () => {
      resolve('the end of its parent');
    });
  });
}
