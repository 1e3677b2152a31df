import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { routePath } from 'hono/route';
import { CleaverError, ERROR_CODES } from '../pipelines/core/errors.ts';
import { RequestError } from './request-error.ts';
import type { RequestLog } from './request-log.ts';

/** Says why a request failed: `{code, message, hint, path?}`, under /v2 `{error}`. Bugs show a request id only. */
export function errorResponse(log: Pick<RequestLog, 'error'>): ErrorHandler {
  return (error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (!(error instanceof CleaverError)) return bugResponse(error, context, log);
    const { status } = ERROR_CODES[error.code];
    context.set('errorCode', error.code);
    // Having too much to do is counted, and told by the line of the request.
    if (status === 503) context.header('Retry-After', '1');
    else if (status >= 500) tell(log, error, context);
    const path = error instanceof RequestError && error.path !== '' ? error.path : undefined;
    if (isV2(context)) {
      return context.json({ error: `${path === undefined ? '' : `${path}: `}${error.message} ${error.hint}` }, status);
    }
    return context.json({ code: error.code, message: error.message, hint: error.hint, path }, status);
  };
}

/** What an address that the service does not have is answered by: ROUTE_UNKNOWN. */
export function unknownRoute(context: Context): CleaverError {
  return new CleaverError('ROUTE_UNKNOWN', `There is no ${context.req.method} ${context.req.path} here.`, {
    hint: 'There are POST /predict/<model>, /decide/<model> and /outcomes, GET /docs, /v2, /admin, /livez, /readyz and /metrics.',
  });
}

function bugResponse(error: Error, context: Context, log: Pick<RequestLog, 'error'>): Response {
  const requestId = context.get('requestId');
  context.set('errorCode', 'INTERNAL');
  tell(log, error, context);
  const message = 'The service failed; this is a bug in it.';
  if (isV2(context)) return context.json({ error: `${message} Request ${requestId}.` }, 500);
  return context.json({ code: 'INTERNAL', message, hint: 'Look for the request id in the log.', requestId }, 500);
}

function tell(log: Pick<RequestLog, 'error'>, error: Error, context: Context): void {
  const route = routePath(context, -1);
  log.error({ message: `${context.req.method} ${route}`, error, requestId: context.get('requestId'), route });
}

function isV2(context: Context): boolean {
  return /^\/v2(\/|$)/.test(context.req.path);
}
