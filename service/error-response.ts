import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { CleaverError, ERROR_CODES, messageOf } from '../pipelines/core/errors.ts';
import { RequestError } from './request-error.ts';

/** Says why a request failed: `{code, message, hint, path?}`, under /v2 `{error}`. Bugs show a request id only. */
export function errorResponse(log: (line: string) => void): ErrorHandler {
  return (error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (!(error instanceof CleaverError)) return bugResponse(error, context, log);
    const { status } = ERROR_CODES[error.code];
    if (status >= 500) log(`${context.req.method} ${context.req.path}: ${error.code} ${error.message}`);
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
    hint: 'There are POST /predict/<model>, GET /v2, /admin, /livez, /readyz and /metrics.',
  });
}

function bugResponse(error: Error, context: Context, log: (line: string) => void): Response {
  const requestId = context.get('requestId');
  log(`${context.req.method} ${context.req.path}: request ${requestId} failed: ${error.stack ?? messageOf(error)}`);
  const message = 'The service failed; this is a bug in it.';
  if (isV2(context)) return context.json({ error: `${message} Request ${requestId}.` }, 500);
  return context.json({ code: 'INTERNAL', message, hint: 'Look for the request id in the log.', requestId }, 500);
}

function isV2(context: Context): boolean {
  return /^\/v2(\/|$)/.test(context.req.path);
}
