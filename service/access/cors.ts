import type { Hono, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { setAnswerHeader } from '../answer-header.ts';

// What a page of a shop may ask; never /admin, /metrics or the probes.
const PATHS = ['/predict/*', '/decide/*', '/outcomes/*', '/v2/*'];

/**
 * Lets pages of these origins (`https://shop.example`) call the service from a browser; none of them, as it is by
 * default. Call it before the routes and before keys are asked for: a browser's preflight brings none.
 */
export function allowOrigins(app: Hono, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const handler = cors({
    origin: [...origins],
    allowMethods: ['GET', 'POST'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-API-Key', 'X-Request-Id'],
    exposeHeaders: ['Retry-After', 'X-Request-Id'],
    maxAge: 600,
  });
  const forBrowsers: MiddlewareHandler = (context, next) => {
    if (context.req.header('origin') !== undefined) return handler(context, next);
    // Who is no browser does not pay for it: it makes an answer three times as dear. A cache is told all the same.
    setAnswerHeader(context, 'Vary', 'Origin');
    return next();
  };
  for (const path of PATHS) app.use(path, forBrowsers);
}
