import { Hono } from 'hono';
import { errorResponse, unknownRoute } from '../error-response.ts';
import type { RequestLog } from '../log/request-log.ts';
import type { Metrics, MetricValues } from '../metrics/metrics.ts';
import { healthRoutes, type ReadinessSource } from './health.ts';

export interface MetricsOptions {
  metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** What the processes and threads beside this one have counted. */
  otherMetrics?: (() => Promise<MetricValues[]>) | undefined;
}

/** `GET /metrics` for Prometheus. */
export function metricsRoutes({ metrics, otherMetrics }: MetricsOptions): Hono {
  const routes = new Hono();
  routes.get('/metrics', async (context) =>
    context.body(await metrics.text(await otherMetrics?.()), 200, { 'content-type': metrics.contentType }),
  );
  return routes;
}

/** What the metrics' own port answers: `/metrics`, `/livez` and `/readyz`, to anybody, counted and logged nowhere. */
export function metricsApp(
  options: MetricsOptions & { models: ReadinessSource; log: Pick<RequestLog, 'error'> },
): Hono {
  const app = new Hono();
  const respond = errorResponse(options.log);
  app.onError(respond);
  app.notFound((context) =>
    respond(unknownRoute(context, 'On this port there are GET /metrics, /livez and /readyz.'), context),
  );
  app.route('/', healthRoutes(options.models));
  app.route('/', metricsRoutes(options));
  return app;
}
