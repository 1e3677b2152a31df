import type { IncomingHttpHeaders } from 'node:http';
import type { ModelVersion } from '../../pipelines/adapters/registry.ts';
import { type ErrorAnswer, errorAnswer } from '../error-response.ts';
import type { RequestLog } from '../log/request-log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { RequestError } from '../request/request-error.ts';
import { requestIdOf } from '../request/request-id.ts';

/** A request for the scores of one model. */
export interface DirectRequest {
  model: string;
  requestId: string;
  headers: IncomingHttpHeaders;
}

/** What a route answers. */
export interface RouteAnswer {
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
  answer: (text: string, request: DirectRequest, onScored: (version: ModelVersion) => void) => Promise<RouteAnswer>;
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

/** A request that need not go through the app. */
export interface DirectCall {
  route: DirectRoute;
  model: string;
  headers: IncomingHttpHeaders;
}

/** An answer with its status and its headers, all but those of the connection. */
export interface DirectAnswer extends RouteAnswer {
  status: number;
  /** Undefined where the request was not even looked at. */
  requestId: string | undefined;
}

export const JSON_HEADERS = { 'content-type': 'application/json' };
// The hosts that need no closer look; the app refuses some of the others.
const PLAIN_HOST = /^[a-z0-9._-]+(?::(?:[1-5]\d{3,4}|[6-9]\d{3}))?$/;

/** How a POST is answered directly; undefined: it is the app's. */
export function directCall(
  url: string,
  headers: IncomingHttpHeaders,
  { routes, bodyBytes, admits }: DirectOptions,
): DirectCall | undefined {
  for (const route of routes) {
    const model = route.address.exec(url)?.[1];
    if (model === undefined) continue;
    const isPlain =
      headers['content-length'] !== undefined &&
      Number(headers['content-length']) <= bodyBytes &&
      headers['content-encoding'] === undefined &&
      PLAIN_HOST.test(headers.host ?? '') &&
      admits(headers);
    return isPlain && route.takes(headers) ? { route, model, headers } : undefined;
  }
  return undefined;
}

/** Answers the text of a body, counts and logs it. Never rejects: what fails is an answer too. */
export async function directAnswer(
  { route: { pattern: route, isV2, answer }, model, headers }: DirectCall,
  text: string | Promise<string>,
  { metrics, log }: DirectOptions,
): Promise<DirectAnswer & { requestId: string }> {
  const start = performance.now();
  const requestId = requestIdOf(headers['x-request-id']);
  const method = 'POST';
  let scoredBy: ModelVersion | undefined;
  let failed: ErrorAnswer | undefined;
  let answered: RouteAnswer;
  try {
    const body = typeof text === 'string' ? text : await text;
    answered = await answer(body, { model, requestId, headers }, (version) => (scoredBy = version));
  } catch (error) {
    failed = errorAnswer(error, { method, route, isV2, requestId }, log);
    const { retryAfter } = failed;
    answered = {
      body: JSON.stringify(failed.body),
      headers: retryAfter === undefined ? JSON_HEADERS : { ...JSON_HEADERS, 'retry-after': retryAfter },
    };
  }
  const status = failed?.status ?? 200;
  const durationMs = performance.now() - start;
  metrics.request(method, route, status, durationMs / 1000, requestId);
  const { model: served, version } = scoredBy ?? {};
  log.request({ method, route, status, durationMs, requestId, model: served, version, code: failed?.code });
  return { status, requestId, body: answered.body, headers: answered.headers };
}

/** A body that will not come any more. Error: CLIENT_GONE. */
export function clientGone(): RequestError {
  return new RequestError('CLIENT_GONE', 'The request broke off before it had come whole.', {
    hint: 'Nobody will read this: the connection is gone.',
  });
}
