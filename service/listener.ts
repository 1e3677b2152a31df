import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { hasScope } from './access/api-keys.ts';
import { type AppDependencies, inferOptions } from './app.ts';
import { directAnswers } from './direct-answers.ts';
import { directInfer } from './routes/open-inference.ts';
import { directPredict } from './routes/predict.ts';

/**
 * The service for Node's HTTP server: the hot routes directly, all others by the app, which also refuses who has no key for
 * them. Where browsers may call from other origins, the app answers alone: its middleware sees to that.
 */
export function createListener(dependencies: AppDependencies, app: Hono): RequestListener {
  const { metrics, log, settings } = dependencies;
  const { limits, apiKeys, corsOrigins } = settings;
  const ofApp = appListener(app);
  if (corsOrigins.length > 0) return ofApp;
  const routes = [directPredict({ ...dependencies, limits }), directInfer(inferOptions(dependencies))];
  const bodyBytes = Math.min(limits.largeBodyBytes, limits.bodyBytes);
  const admits = (headers: IncomingHttpHeaders) => hasScope(apiKeys, 'predict', headers);
  return directAnswers({ routes, metrics, log, bodyBytes, admits }, ofApp);
}

/** An app for Node's HTTP server. */
export function appListener(app: Hono): RequestListener {
  const listener = getRequestListener(app.fetch);
  return (incoming, outgoing) => void listener(incoming, outgoing);
}
