import { randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { bindingsOf, setAnswerHeader } from '../answer-header.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** Names the request in the answer's `X-Request-Id`, in the log and in the prediction record. */
    requestId: string;
  }
}

// 72 random bits tell processes and restarts apart, the counter requests.
const PREFIX = randomBytes(9).toString('base64url');
let count = 0;

/** Gives each request its id: the client's own where it is a plain word of at most 128 characters, else a new one. */
export function requestId(): MiddlewareHandler {
  return (context, next) => {
    assignRequestId(context);
    return next();
  };
}

/** {@link requestId} for a middleware that does other things too. */
export function assignRequestId(context: Context): string {
  const { incoming } = bindingsOf(context);
  const given = incoming === undefined ? context.req.header('x-request-id') : incoming.headers['x-request-id'];
  const id = requestIdOf(given);
  context.set('requestId', id);
  setAnswerHeader(context, 'X-Request-Id', id);
  return id;
}

/** The id for a request that brought `given` as its own. */
export function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : newId();
}

function newId(): string {
  count += 1;
  return `${PREFIX}-${count.toString(36)}`;
}
