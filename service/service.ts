import type { RequestListener } from 'node:http';
import packageJson from '../package.json' with { type: 'json' };
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import type { Home } from '../pipelines/adapters/home.ts';
import type { Registry } from '../pipelines/adapters/registry.ts';
import { loadScorer } from '../pipelines/adapters/scorer.ts';
import { loadModel, modelNames } from '../pipelines/config.ts';
import { type AppDependencies, createApp } from './app.ts';
import { appListener, createListener, type Listener } from './listener.ts';
import { Canary } from './models/canary.ts';
import type { Experiment } from './models/loaded-model.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { openRecorder, type Recorder } from './record/recorder.ts';
import { openReportFiles } from './report-files.ts';
import type { RequestLog } from './log/request-log.ts';
import { type ModelEvent, ServedModels } from './models/served-models.ts';
import { metricsApp } from './routes/metrics.ts';
import type { ServiceSettings } from './settings.ts';
import { Shadow } from './models/shadow.ts';

/** Above this many rows a batch pays no more, and holds the event loop for about a millisecond. */
const BATCH_ROWS = 256;

export interface ServiceOptions {
  home: Home;
  settings: ServiceSettings;
  registry?: Registry | undefined;
  log: RequestLog;
  /** It runs in a thread beside the server, which observes the requests itself. */
  ofThread?: boolean;
  offload?: AppDependencies['offload'];
  otherMetrics?: AppDependencies['otherMetrics'];
}

/** All that answers requests, without the server that listens. */
export interface Service {
  app: ReturnType<typeof createApp>;
  /** For Node's HTTP server, which the thread for large requests has none of. */
  listener: () => Listener;
  /** For the metrics' own port. */
  metricsListener: () => RequestListener;
  metrics: Metrics;
  models: ServedModels;
  /** Closes the models when their last requests are done, and writes the record to its end. */
  close(): Promise<void>;
}

/** Opens a service over a state folder; no model is loaded before `models.refresh()`. Error: DISK_FAILED and its like. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { home, settings, log, ofThread = false } = options;
  const metrics = createMetrics({ ofThread, exemplars: settings.exemplars });
  const recorder = await openRecord(home, settings, log);
  const { waitingRows, requestMs } = settings.limits;
  const models = new ServedModels({
    registry: options.registry ?? openFileRegistry(home.registry, home.work),
    load: loadScorer,
    experiment: (model) => experimentOf(model, log),
    limits: { batchRows: BATCH_ROWS, waitingRows, waitingMs: requestMs },
    challengers: settings.serve.challenger,
    now: () => new Date(),
    onBatch: metrics.batch,
    onEvent(event) {
      metrics.modelEvent(event);
      if (!ofThread) tell(log, event);
    },
  });
  metrics.watch({ models, recorder, waitingRows });
  const shadow = new Shadow({
    ...{ models, recorder, share: settings.serve.shadowShare, onShadow: metrics.shadow },
    onFailure(model, error) {
      metrics.shadowFailed(model);
      log.error({ message: `the challenger of ${model} does not score a request`, error, model });
    },
  });
  const { canaryShare } = settings.serve;
  const canary = new Canary({
    ...{ models, share: canaryShare, onRequest: metrics.canary },
    onFailure(model, error) {
      metrics.canaryFailed(model);
      log.error({ message: `the champion answers a request that the challenger of ${model} cannot`, error, model });
    },
  });
  const dependencies: AppDependencies = {
    ...{ models, metrics, recorder, shadow, log, settings, ofThread },
    canary: canaryShare > 0 ? canary : undefined,
    reports: openReportFiles(home.reports),
    serverVersion: packageJson.version,
    offload: options.offload,
    otherMetrics: options.otherMetrics,
  };
  const app = createApp(dependencies);
  return {
    ...{ app, metrics, models },
    listener: () => createListener(dependencies, app),
    metricsListener: () => appListener(metricsApp(dependencies)),
    async close() {
      await models.close();
      await recorder?.close();
      await log.close();
    },
  };
}

async function openRecord(
  { predictions }: Home,
  { record }: ServiceSettings,
  log: ServiceOptions['log'],
): Promise<Recorder | undefined> {
  if (record === undefined) return undefined;
  return await openRecorder({
    folder: predictions,
    settings: record,
    onProblem(error) {
      log.error({ message: 'the prediction record is not written', error });
    },
  });
}

/** A model may be served where its folder is not, or is broken: only decisions need it. */
async function experimentOf(model: string, log: ServiceOptions['log']): Promise<Experiment | undefined> {
  if (!(await modelNames()).includes(model)) return undefined;
  try {
    return (await loadModel(model)).manifest.experiment;
  } catch (error) {
    log.error({ message: `no decisions for ${model}`, error, model });
    return undefined;
  }
}

function tell(log: RequestLog, event: ModelEvent): void {
  const { kind } = event;
  if ('error' in event) {
    log.error({ message: failureOf(event), error: event.error, ...('model' in event && { model: event.model }) });
    return;
  }
  const { model } = event;
  const version = typeof event.version === 'string' ? event.version : event.version.version;
  log.event({ action: `model-${kind}`, message: `${model} ${version} ${happenedTo(event)}`, model, version });
}

function happenedTo(event: Exclude<ModelEvent, { error: unknown }>): string {
  if (event.kind === 'challenger-loaded') return 'is kept beside, as the challenger';
  if (event.kind === 'removed') return 'is no longer in the registry';
  return `answers requests${event.replaced === undefined ? '' : ` instead of ${event.replaced}`}`;
}

function failureOf(event: Extract<ModelEvent, { error: unknown }>): string {
  switch (event.kind) {
    case 'load-failed':
      return `${event.model} ${event.champion ?? ''} does not load, ${event.serving === undefined ? 'nothing is served' : `${event.serving} goes on`}`;
    case 'challenger-failed':
      return `${event.model} ${event.challenger ?? ''} does not load as the challenger`;
    case 'close-failed':
      return `${event.model} ${event.version} does not close`;
    case 'registry-failed':
      return 'the registry cannot be read';
  }
}
