import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Metrics } from './metrics.ts';
import { assignRequestId } from '../request/request-id.ts';
import type { RequestLog } from '../log/request-log.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** What scored, set by the routes that score. */
    scoredBy: { model: string; version: string } | undefined;
    /** The code of the error that is answered. */
    errorCode: string | undefined;
  }
}

/** Names, times, counts and logs each request: one middleware, as each costs every request its share. */
export function observe(metrics: Pick<Metrics, 'request'>, log: Pick<RequestLog, 'request'>): MiddlewareHandler {
  return async (context, next) => {
    const start = performance.now();
    const requestId = assignRequestId(context);
    await next();
    const durationMs = performance.now() - start;
    // The last handler that matched; for an unknown address it is this one, whose pattern is `/*`.
    const pattern = routePath(context, -1);
    const route = pattern === '/*' ? 'unknown' : pattern;
    const { method } = context.req;
    const { status } = context.res;
    metrics.request(method, route, status, durationMs / 1000, requestId);
    const { model, version } = context.get('scoredBy') ?? {};
    log.request({ method, route, status, durationMs, requestId, model, version, code: context.get('errorCode') });
  };
}
