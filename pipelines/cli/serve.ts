import { startServer } from '../../service/server.ts';
import { homeAt } from '../adapters/home.ts';
import type { PersonConsole } from './console.ts';
import type { Answer } from './program.ts';

/** What `serve` tells the process that started it, over the channel that `fork` opens. */
export interface ServeMessage {
  listening: string;
}

/** Serves until it is told to stop: Ctrl-C, SIGTERM, or the end of the process that forked it. */
export async function serve(options: Record<string, unknown>, console: PersonConsole): Promise<Answer> {
  const server = await startServer({
    home: homeAt(),
    host: String(options['host']),
    port: Number(options['port']),
    log: (line) => {
      console.line(line);
    },
  });
  console.line(`Serving at ${server.url} (the manager's page: ${server.url}/admin). Ctrl-C ends it.`);
  process.send?.({ listening: server.url } satisfies ServeMessage);
  const reason = await untilTold();
  await server.close();
  return {
    json: { outcome: 'done', url: server.url, endedBy: reason },
    text: 'The server has ended; every request was answered.',
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
