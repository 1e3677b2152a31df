import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { CleaverError, ERROR_CODES, type ErrorCode } from '../pipelines/core/errors.ts';
import { RequestError } from './request/request-error.ts';
import type { RequestLog } from './log/request-log.ts';

const ROUTES =
  'There are POST /predict/<model>, /decide/<model> and /outcomes, GET /docs, /v2, /admin, /livez, /readyz and /metrics.';

/** A request that failed. */
export interface FailedRequest {
  method: string;
  /** The route's pattern. */
  route: string;
  /** Under `/v2`, whose clients read errors in another shape. */
  isV2: boolean;
  requestId: string;
}

/** What it is answered by. */
export interface ErrorAnswer {
  status: (typeof ERROR_CODES)[ErrorCode]['status'] | 500;
  code: ErrorCode | 'INTERNAL';
  body: object;
  /** Seconds for the header Retry-After. */
  retryAfter?: string;
}

/** Says why a request failed: `{code, message, hint, path?}`, under /v2 `{error}`. Bugs show a request id only. */
export function errorAnswer(error: unknown, request: FailedRequest, log: Pick<RequestLog, 'error'>): ErrorAnswer {
  if (!(error instanceof CleaverError)) return bugAnswer(error, request, log);
  const { code, message, hint } = error;
  const { status } = ERROR_CODES[code];
  // Having too much to do is counted, and told by the line of the request.
  if (status >= 500 && status !== 503) tell(log, error, request);
  const path = error instanceof RequestError && error.path !== '' ? error.path : undefined;
  const body = request.isV2
    ? { error: `${path === undefined ? '' : `${path}: `}${message} ${hint}` }
    : { code, message, hint, path };
  return { status, code, body, ...(status === 503 && { retryAfter: '1' }) };
}

/** {@link errorAnswer} for the app. */
export function errorResponse(log: Pick<RequestLog, 'error'>): ErrorHandler {
  return (error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    const { method, path } = context.req;
    const request = { method, route: routePath(context, -1), isV2: /^\/v2(\/|$)/.test(path) };
    const answer = errorAnswer(error, { ...request, requestId: context.get('requestId') }, log);
    context.set('errorCode', answer.code);
    if (answer.retryAfter !== undefined) context.header('Retry-After', answer.retryAfter);
    return context.json(answer.body, answer.status);
  };
}

/** What an address that the service does not have is answered by: ROUTE_UNKNOWN. */
export function unknownRoute(context: Context, hint = ROUTES): CleaverError {
  return new CleaverError('ROUTE_UNKNOWN', `There is no ${context.req.method} ${context.req.path} here.`, { hint });
}

function bugAnswer(error: unknown, request: FailedRequest, log: Pick<RequestLog, 'error'>): ErrorAnswer {
  const { requestId, isV2 } = request;
  tell(log, error, request);
  const message = 'The service failed; this is a bug in it.';
  const body = isV2
    ? { error: `${message} Request ${requestId}.` }
    : { code: 'INTERNAL', message, hint: 'Look for the request id in the log.', requestId };
  return { status: 500, code: 'INTERNAL', body };
}

function tell(log: Pick<RequestLog, 'error'>, error: unknown, { method, route, requestId }: FailedRequest): void {
  log.error({ message: `${method} ${route}`, error, requestId, route });
}
