import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ModelVersion } from '../pipelines/adapters/registry.ts';
import { type ErrorAnswer, errorAnswer } from './error-response.ts';
import type { Metrics } from './metrics/metrics.ts';
import { RequestError } from './request/request-error.ts';
import { requestIdOf } from './request/request-id.ts';
import type { RequestLog } from './log/request-log.ts';

/** A request for the scores of one model. */
export interface DirectRequest {
  model: string;
  requestId: string;
  headers: IncomingHttpHeaders;
}

export interface DirectAnswer {
  body: string | Uint8Array;
  headers: Readonly<Record<string, string>>;
}

/** A POST route that is answered without the app. */
export interface DirectRoute {
  /** As the app has it: `/predict/:model`. */
  pattern: string;
  /** Its addresses; the first group is the model's name. */
  address: RegExp;
  isV2: boolean;
  /** Whether it answers a request with such headers. */
  takes: (headers: IncomingHttpHeaders) => boolean;
  /** `onScored` is told who has scored, also when something fails afterwards. */
  answer: (text: string, request: DirectRequest, onScored: (version: ModelVersion) => void) => Promise<DirectAnswer>;
}

export interface DirectOptions {
  routes: readonly DirectRoute[];
  metrics: Pick<Metrics, 'request'>;
  log: Pick<RequestLog, 'request' | 'error'>;
  /** Longer bodies are the app's. */
  bodyBytes: number;
  /** Whether the headers bring what is asked of callers; the app tells the others why not. */
  admits: (headers: IncomingHttpHeaders) => boolean;
}

// The hosts that need no closer look; the app refuses some of the others.
const PLAIN_HOST = /^[a-z0-9._-]+(?::(?:[1-5]\d{3,4}|[6-9]\d{3}))?$/;
export const JSON_HEADERS = { 'content-type': 'application/json' };
const decoder = new TextDecoder();

/**
 * Answers the plain case of the hot routes straight from Node's request: hono and the web's Request and Response cost more
 * than all that we do for a row. Everything else is the app's. What both answer is made by the same functions.
 */
export function directAnswers(options: DirectOptions, app: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    if (incoming.method === 'POST' && isPlain(incoming, options)) {
      for (const route of options.routes) {
        const model = route.address.exec(incoming.url ?? '')?.[1];
        if (model === undefined || !route.takes(incoming.headers)) continue;
        void answer(route, model, incoming, outgoing, options);
        return;
      }
    }
    app(incoming, outgoing);
  };
}

function isPlain({ headers }: IncomingMessage, { bodyBytes, admits }: DirectOptions): boolean {
  return (
    headers['content-length'] !== undefined &&
    Number(headers['content-length']) <= bodyBytes &&
    headers['content-encoding'] === undefined &&
    PLAIN_HOST.test(headers.host ?? '') &&
    admits(headers)
  );
}

async function answer(
  { pattern: route, isV2, answer: answerText }: DirectRoute,
  model: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { metrics, log }: DirectOptions,
): Promise<void> {
  const start = performance.now();
  const { headers } = incoming;
  const requestId = requestIdOf(headers['x-request-id']);
  const method = 'POST';
  let scoredBy: ModelVersion | undefined;
  let failed: ErrorAnswer | undefined;
  let answered: DirectAnswer;
  try {
    const text = await textOf(incoming);
    answered = await answerText(text, { model, requestId, headers }, (version) => (scoredBy = version));
  } catch (error) {
    failed = errorAnswer(error, { method, route, isV2, requestId }, log);
    answered = { body: JSON.stringify(failed.body), headers: JSON_HEADERS };
  }
  const status = failed?.status ?? 200;
  const durationMs = performance.now() - start;
  metrics.request(method, route, status, durationMs / 1000);
  const { model: served, version } = scoredBy ?? {};
  log.request({ method, route, status, durationMs, requestId, model: served, version, code: failed?.code });
  if (failed?.retryAfter !== undefined) outgoing.setHeader('retry-after', failed.retryAfter);
  outgoing.writeHead(status, {
    'X-Request-Id': requestId,
    'content-length': Buffer.byteLength(answered.body),
    ...answered.headers,
  });
  outgoing.end(answered.body);
}

/** The text of a body that Node knows the length of. Error: CLIENT_GONE. */
async function textOf(incoming: IncomingMessage): Promise<string> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [first] = chunks;
      resolve(decoder.decode(chunks.length === 1 ? first : Buffer.concat(chunks)));
    });
    incoming.on('close', () => {
      if (!incoming.readableEnded) reject(clientGone());
    });
  });
}

function clientGone(): RequestError {
  return new RequestError('CLIENT_GONE', 'The request broke off before it had come whole.', {
    hint: 'Nobody will read this: the connection is gone.',
  });
}
