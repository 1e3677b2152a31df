import { Worker } from 'node:worker_threads';
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import type { Home } from '../../pipelines/adapters/home.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';
import type { MetricValues } from '../metrics/metrics.ts';
import type { RequestLog } from '../log/request-log.ts';
import { readBytes } from '../request/request-body.ts';
import type { ServiceSettings } from '../settings.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** The body's length is known and within every limit. */
    bodyIsSmall: true | undefined;
  }
}

/** What the thread is started with. */
export interface LargeThreadData {
  homeRoot: string;
  settings: ServiceSettings;
}

/** A request or an answer on its way between the threads; the bytes change hands. */
export interface Passed {
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
}

export type ToThread =
  | ({ kind: 'request'; number: number; method: string; url: string; until: number } & Passed)
  | { kind: 'metrics'; number: number }
  | { kind: 'close' };

export type FromThread =
  | ({ kind: 'answer'; number: number; status: number } & Passed)
  | { kind: 'metrics'; number: number; values: MetricValues }
  | { kind: 'line'; line: string };

export interface LargeRequestsOptions {
  home: Home;
  settings: ServiceSettings;
  log: Pick<RequestLog, 'event'>;
  onShed: () => void;
  /** The thread's program; another one in tests. */
  program?: URL;
}

/** Bodies that may wait for the thread at once, as so many of the largest. */
const WAITING_BODIES = 4;

/**
 * Large requests, of which parsing alone would hold the event loop, are answered by a thread with a service of its own.
 * It starts with the first of them; when it dies, those that it had fail, and the next one starts it anew.
 */
export class LargeRequests {
  readonly #options: LargeRequestsOptions;
  readonly #pending = new Map<number, { resolve: (message: FromThread) => void; reject: (error: Error) => void }>();
  #worker: Worker | undefined;
  #number = 0;
  #waitingBytes = 0;

  constructor(options: LargeRequestsOptions) {
    this.#options = options;
  }

  /** Passes a request on when it is large, compressed, or does not say how large it is. */
  middleware(): MiddlewareHandler {
    const { largeBodyBytes } = this.#options.settings.limits;
    return async (context, next) => {
      const length = headerOf(context, 'content-length');
      if (
        length !== undefined &&
        Number(length) <= largeBodyBytes &&
        headerOf(context, 'content-encoding') === undefined
      ) {
        context.set('bodyIsSmall', true);
        await next();
        return;
      }
      return await this.#answer(context.req.raw, context.get('requestId'));
    };
  }

  /** What the thread has counted; nothing while there is none. */
  async metrics(): Promise<MetricValues[]> {
    const worker = this.#worker;
    if (worker === undefined) return [];
    const answer = await this.#ask(worker, (number) => [{ kind: 'metrics', number }, []]);
    return answer.kind === 'metrics' ? [answer.values] : [];
  }

  /** Ends the thread when it has answered what it has. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ kind: 'close' } satisfies ToThread);
    await ended;
  }

  async #answer(request: Request, requestId: string): Promise<Response> {
    const { bodyBytes, requestMs } = this.#options.settings.limits;
    const until = Date.now() + requestMs;
    const body = await readBytes(request, bodyBytes);
    if (this.#waitingBytes + body.length > WAITING_BODIES * bodyBytes) {
      this.#options.onShed();
      throw overloaded();
    }
    const size = body.length;
    this.#waitingBytes += size;
    try {
      const headers: [string, string][] = [...request.headers, ['x-request-id', requestId]];
      const { method, url } = request;
      const answer = await this.#ask(this.#thread(), (number) => [
        { kind: 'request', number, method, url, until, headers, body },
        [body.buffer],
      ]);
      if (answer.kind !== 'answer') throw new Error(`The thread answers a request by ${answer.kind}.`);
      return new Response(answer.body, { status: answer.status, headers: Object.fromEntries(answer.headers) });
    } finally {
      this.#waitingBytes -= size;
    }
  }

  async #ask(worker: Worker, message: (number: number) => [ToThread, ArrayBuffer[]]): Promise<FromThread> {
    this.#number += 1;
    const number = this.#number;
    return await new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject });
      worker.postMessage(...message(number));
    });
  }

  #thread(): Worker {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  #start(): Worker {
    const { home, settings, log, program = new URL('./large-thread.ts', import.meta.url) } = this.#options;
    const workerData: LargeThreadData = { homeRoot: home.root, settings };
    const worker = new Worker(program, { workerData });
    let reason: unknown;
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'line') {
        log.event({ level: 'warn', action: 'large-thread', message: message.line });
        return;
      }
      this.#pending.get(message.number)?.resolve(message);
      this.#pending.delete(message.number);
    });
    worker.on('error', (error: unknown) => {
      reason = error;
    });
    worker.once('exit', () => {
      this.#worker = undefined;
      const error = new Error('The thread for large requests has ended.', { cause: reason });
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
    return worker;
  }
}

/** Node has parsed the headers already; hono's Headers would look through them all again, for each name. */
function headerOf(context: Context, name: 'content-length' | 'content-encoding'): string | undefined {
  const { incoming } = (context.env ?? {}) as Partial<HttpBindings>;
  return incoming === undefined ? context.req.header(name) : incoming.headers[name];
}

function overloaded(): CleaverError {
  return new CleaverError('OVERLOADED', 'Too many large requests wait already.', {
    hint: 'Try again in a few seconds, or send fewer rows at a time.',
  });
}
