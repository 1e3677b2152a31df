import { Hono, type MiddlewareHandler } from 'hono';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { secureHeaders } from 'hono/secure-headers';
import { CleaverError } from '../pipelines/core/errors.ts';
import { type ApiKey, requireScope, type Scope, SCOPES } from './access/api-keys.ts';
import { allowOrigins } from './access/cors.ts';
import { errorResponse, unknownRoute } from './error-response.ts';
import type { Metrics, MetricValues } from './metrics/metrics.ts';
import { observe } from './metrics/observe.ts';
import type { Recorder } from './record/recorder.ts';
import type { ReportFiles } from './report-files.ts';
import { requestId } from './request/request-id.ts';
import type { RequestLog } from './log/request-log.ts';
import { adminRoutes } from './routes/admin.ts';
import { docsRoutes } from './routes/docs.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { type OpenInferenceOptions, openInferenceRoutes } from './routes/open-inference.ts';
import { outcomeRoutes } from './routes/outcomes.ts';
import { decideRoutes, predictRoutes } from './routes/predict.ts';
import type { Canary } from './models/canary.ts';
import type { ServedModels } from './models/served-models.ts';
import type { ServiceSettings } from './settings.ts';
import type { Shadow } from './models/shadow.ts';

export interface AppDependencies {
  models: ServedModels;
  reports: ReportFiles;
  metrics: Metrics;
  /** Undefined: no answer is recorded. */
  recorder: Recorder | undefined;
  shadow: Shadow;
  /** Undefined: requests that name no version are the champion's alone. */
  canary?: Canary | undefined;
  log: RequestLog;
  settings: ServiceSettings;
  serverVersion: string;
  /** It answers what another app has let in, counted and checked already. */
  ofThread?: boolean | undefined;
  /** Passes large requests on to where they hold nobody up. */
  offload?: MiddlewareHandler | undefined;
  /** What the processes and threads beside this one have counted. */
  otherMetrics?: (() => Promise<MetricValues[]>) | undefined;
}

/** The service as a Hono app that does not listen; see the routes for what it answers. */
export function createApp(dependencies: AppDependencies): Hono {
  const { models, reports, metrics, recorder, shadow, canary, log, settings, serverVersion } = dependencies;
  const { limits, apiKeys, corsOrigins } = settings;
  // The quick one. Hono's default silently takes a slower one as soon as two routes do not suit it; this one throws.
  const app = new Hono({ router: new RegExpRouter() });
  if (dependencies.ofThread === true) app.use(inTime, requestId());
  else {
    app.use(observe(metrics, log));
    app.get('*', headers);
    allowOrigins(app, corsOrigins);
    if (apiKeys !== undefined) askForKeys(app, apiKeys);
  }
  const respond = errorResponse(log);
  app.onError(respond);
  // Not thrown: what is thrown beyond the last route skips the innermost middleware.
  app.notFound((context) => respond(unknownRoute(context), context));
  app.get('/', (context) => context.redirect('/admin'));
  app.route('/', healthRoutes(models));
  app.route('/', metricsRoutes(dependencies));
  const { offload } = dependencies;
  if (offload !== undefined) {
    for (const path of ['/predict/*', '/decide/*', '/v2/models/*']) app.post(path, offload);
  }
  const answering = { models, metrics, limits, recorder, shadow, canary };
  app.route('/predict', predictRoutes(answering));
  app.route('/decide', decideRoutes(answering));
  app.route('/outcomes', outcomeRoutes(recorder, limits));
  app.route('/v2', openInferenceRoutes(inferOptions(dependencies)));
  app.route('/', docsRoutes({ models, serverVersion, asksForKeys: apiKeys !== undefined }));
  app.route('/', adminRoutes(models, reports));
  return app;
}

/** What the routes of the Open Inference Protocol need of all this. */
export function inferOptions(dependencies: AppDependencies): OpenInferenceOptions {
  const { models, metrics, recorder, shadow, canary, serverVersion, settings } = dependencies;
  return {
    ...{ models, metrics, canary, serverVersion, limits: settings.limits },
    shadow: settings.serve.shadowShare > 0 ? shadow : undefined,
    record: recorder && ((rows) => recorder.record(rows)),
  };
}

/** Only where there are keys: even a middleware that does nothing costs each request. */
function askForKeys(app: Hono, keys: readonly ApiKey[]): void {
  const scopes: Record<Scope, string[]> = {
    predict: ['/predict/*', '/decide/*', '/v2/*', '/docs', '/openapi.json'],
    outcomes: ['/outcomes'],
    admin: ['/admin/*', '/reports/*'],
    metrics: ['/metrics'],
  };
  for (const scope of SCOPES) for (const path of scopes[scope]) app.use(path, requireScope(keys, scope));
}

/** Error: DEADLINE_EXCEEDED for a request that has waited for too long. */
const inTime: MiddlewareHandler<{ Bindings: { until?: number } }> = async (context, next) => {
  const { until = Number.POSITIVE_INFINITY } = context.env;
  if (Date.now() > until) {
    throw new CleaverError('DEADLINE_EXCEEDED', 'The request has waited for too long.', {
      hint: 'Try again in a few seconds, or send fewer rows at a time.',
    });
  }
  await next();
};

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
