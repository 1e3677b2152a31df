import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { hasScope } from './access/api-keys.ts';
import { type AppDependencies, inferOptions } from './app.ts';
import type { DirectOptions } from './direct/direct-answer.ts';
import { directListener } from './direct/direct-listener.ts';
import { directInfer } from './routes/open-inference.ts';
import { directPredict } from './routes/predict.ts';

/** How requests are answered. */
export interface Listener {
  /** By Node's HTTP server. */
  listener: RequestListener;
  /** What needs neither that nor the app. */
  direct: DirectOptions | undefined;
}

/**
 * The service for Node's HTTP server: the hot routes directly, all others by the app, which also refuses who has no key for
 * them. Where browsers may call from other origins, the app answers alone: its middleware sees to that.
 */
export function createListener(dependencies: AppDependencies, app: Hono): Listener {
  const { metrics, log, settings } = dependencies;
  const { limits, apiKeys, corsOrigins } = settings;
  const ofApp = appListener(app);
  if (corsOrigins.length > 0) return { listener: ofApp, direct: undefined };
  const routes = [directPredict({ ...dependencies, limits }), directInfer(inferOptions(dependencies))];
  const bodyBytes = Math.min(limits.largeBodyBytes, limits.bodyBytes);
  const admits = (headers: IncomingHttpHeaders) => hasScope(apiKeys, 'predict', headers);
  const direct = { routes, metrics, log, bodyBytes, admits };
  return { listener: directListener(direct, ofApp), direct };
}

/** An app for Node's HTTP server. */
export function appListener(app: Hono): RequestListener {
  const listener = getRequestListener(app.fetch);
  return (incoming, outgoing) => void listener(incoming, outgoing);
}
