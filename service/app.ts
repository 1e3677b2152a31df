import { Hono, type MiddlewareHandler } from 'hono';
import { requestId } from 'hono/request-id';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import { errorResponse, unknownRoute } from './error-response.ts';
import type { Metrics } from './metrics.ts';
import type { ReportFiles } from './report-files.ts';
import { adminRoutes } from './routes/admin.ts';
import { healthRoutes } from './routes/health.ts';
import { openInferenceRoutes } from './routes/open-inference.ts';
import { predictRoutes } from './routes/predict.ts';
import type { ServedModels } from './served-models.ts';

export interface AppDependencies {
  models: ServedModels;
  reports: ReportFiles;
  metrics: Metrics;
  /** One line (or a stack) for whoever runs the service. */
  log: (line: string) => void;
  serverVersion: string;
}

/** The service as a Hono app that does not listen; see the routes for what it answers. */
export function createApp({ models, reports, metrics, log, serverVersion }: AppDependencies): Hono {
  const app = new Hono();
  app.use(measured(metrics), requestId(), headers);
  const respond = errorResponse(log);
  app.onError(respond);
  // Not thrown: what is thrown beyond the last route skips the innermost middleware.
  app.notFound((context) => respond(unknownRoute(context), context));
  app.get('/', (context) => context.redirect('/admin'));
  app.route('/', healthRoutes(models));
  app.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  );
  app.route('/v2', openInferenceRoutes(models, metrics, serverVersion));
  app.route('/predict', predictRoutes(models, metrics));
  app.route('/admin', adminRoutes(models, reports));
  return app;
}

const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  // Whether the whole domain is to be HTTPS only is for its owner to say, not for one service on it.
  strictTransportSecurity: false,
});

function measured(metrics: Metrics): MiddlewareHandler {
  return async (context, next) => {
    const start = performance.now();
    await next();
    const seconds = (performance.now() - start) / 1000;
    // The last handler that matched; for an unknown address it is this one, whose pattern is `/*`.
    const pattern = routePath(context, -1);
    metrics.request(context.req.method, pattern === '/*' ? 'unknown' : pattern, context.res.status, seconds);
  };
}
