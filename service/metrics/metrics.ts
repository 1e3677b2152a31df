import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type MetricObject,
  Registry,
  type RegistryContentType,
} from 'prom-client';
import { boundCounter, boundHistogram, madeOnce } from './bound-metrics.ts';
import { scoreMetrics, type ScoreMetrics } from './score-metrics.ts';
import type { Recorder } from '../record/recorder.ts';
import type { ModelEvent, ServedModels } from '../models/served-models.ts';

/** What the service counts, in a registry of its own. */
export interface Metrics extends ScoreMetrics {
  contentType: string;
  /** The page for Prometheus; `others` are the values of processes and threads that serve beside this one. */
  text(others?: readonly MetricValues[]): Promise<string>;
  values(): Promise<MetricValues>;
  /** `requestId` names the request where exemplars are wanted. */
  request(method: string, route: string, status: number, seconds: number, requestId?: string): void;
  batch: (model: string, rows: number) => void;
  /** A request that was turned away at the door. */
  shed: (reason: 'busy' | 'large' | 'slow') => void;
  modelEvent: (event: ModelEvent) => void;
  /** What is read anew for each page. */
  watch(sources: {
    models: Pick<ServedModels, 'statuses'>;
    recorder: Recorder | undefined;
    /** So many rows of a model may wait. */
    waitingRows: number;
  }): void;
}

/** Metrics as they pass between processes. */
export type MetricValues = MetricObject[];

// From a quarter of a millisecond (one row) to seconds (ten thousand).
const SECONDS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 16_384];

/** Named as the log has it, `trace.id`. */
const EXEMPLAR_LABEL = 'trace_id';
/** What prom-client takes of an exemplar's label and value together, in characters, less our label. */
const EXEMPLAR_CHARACTERS = 128 - EXEMPLAR_LABEL.length;

/** Fresh metrics, all at zero; of the process itself too, unless it is `ofThread`. */
export function createMetrics({ ofThread = false, exemplars = false } = {}): Metrics {
  // Prometheus's own format has no room for exemplars.
  const registry = new Registry();
  const format = exemplars ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
  setFormat(registry, format);
  const registers = [registry];
  if (!ofThread) collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const requests = counter('cleaver_http_requests_total', 'Requests answered, by route pattern and status.', [
    'method',
    'route',
    'status',
  ]);
  const seconds = new Histogram<string>({
    name: 'cleaver_http_request_duration_seconds',
    help: 'Time from request to answer, by route pattern.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
    enableExemplars: exemplars,
  });
  const batches = new Histogram({
    name: 'cleaver_batch_rows',
    help: 'Rows that were scored in one run.',
    labelNames: ['model'],
    buckets: ROWS,
    registers,
  });
  const shed = counter('cleaver_requests_shed_total', 'Requests turned away unread, by what was too much.', ['reason']);
  // Named at zero from the start, so that a rate over them sees the first one.
  for (const reason of ['busy', 'large', 'slow']) shed.inc({ reason }, 0);
  const requestsBy = madeOnce<(by: number) => void>();
  const timesBy = madeOnce<(seconds: number) => void>();
  const batchesBy = madeOnce<(rows: number) => void>();
  return {
    async text(others = []) {
      if (others.length === 0) return await registry.metrics();
      const all = [await registry.getMetricsAsJSON(), ...others];
      const together = AggregatorRegistry.aggregate(all);
      setFormat(together, format);
      return await together.metrics();
    },
    values: () => registry.getMetricsAsJSON(),
    ...scoreMetrics(registers),
    contentType: format,
    request(method, route, status, duration, requestId = '') {
      requestsBy(`${method} ${route} ${status}`, () => boundCounter(requests, { method, route, status }))(1);
      if (exemplars && requestId !== '' && requestId.length <= EXEMPLAR_CHARACTERS) {
        seconds.observe({
          labels: { method, route },
          value: duration,
          exemplarLabels: { [EXEMPLAR_LABEL]: requestId },
        });
        return;
      }
      timesBy(`${method} ${route}`, () => boundHistogram(seconds, { method, route }, SECONDS))(duration);
    },
    batch(model, count) {
      batchesBy(model, () => boundHistogram(batches, { model }, ROWS))(count);
    },
    shed(reason) {
      shed.inc({ reason });
    },
    modelEvent: modelMetrics(registers),
    watch(sources) {
      watchedMetrics(registers, sources);
    },
  };
}

/** A registry's types know of one format only, the one that it begins with. */
function setFormat(registry: Registry<RegistryContentType>, format: RegistryContentType): void {
  registry.setContentType(format);
}

/** Values that are somebody else's, read as the page is made. */
function watchedMetrics(
  registers: Registry[],
  { models, recorder, waitingRows: limit }: Parameters<Metrics['watch']>[0],
): void {
  new Gauge({
    name: 'cleaver_rows_waiting',
    help: 'Rows that wait to be scored.',
    labelNames: ['model'],
    registers,
    collect() {
      for (const { model, waitingRows } of models.statuses()) this.set({ model }, waitingRows);
    },
  });
  new Gauge({
    name: 'cleaver_rows_waiting_limit',
    help: 'Rows that may wait to be scored; over it requests get 503.',
    labelNames: ['model'],
    registers,
    collect() {
      for (const { model } of models.statuses()) this.set({ model }, limit);
    },
  });
  new Gauge({
    name: 'cleaver_challenger_info',
    help: '1 for the challenger that is kept beside.',
    labelNames: ['model', 'version'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const { model, challenger } of models.statuses()) {
        if (challenger !== undefined) this.set({ model, version: challenger }, 1);
      }
    },
  });
  if (recorder === undefined) return;
  const written = (name: string, help: string, read: () => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  written('cleaver_record_written_total', 'Lines written to the prediction record.', () => recorder.state.written);
  written('cleaver_record_dropped_total', 'Lines that the prediction record lost.', () => recorder.state.dropped);
  new Gauge({
    name: 'cleaver_record_waiting_bytes',
    help: 'Bytes that wait to be written to the prediction record.',
    registers,
    collect() {
      this.set(recorder.state.waitingBytes);
    },
  });
}

function modelMetrics(registers: Registry[]): Metrics['modelEvent'] {
  const info = new Gauge({
    name: 'cleaver_model_info',
    help: '1 for the version that is served.',
    labelNames: ['model', 'version', 'as_of', 'sha256'],
    // Of several processes that serve it, it is one.
    aggregator: 'max',
    registers,
  });
  const swaps = new Counter({
    name: 'cleaver_model_swaps_total',
    help: 'How often a version took over from another.',
    labelNames: ['model'],
    registers,
  });
  const failures = new Counter({
    name: 'cleaver_model_load_failures_total',
    help: 'How often a champion or challenger did not load.',
    labelNames: ['model'],
    registers,
  });
  const registryFailures = new Counter({
    name: 'cleaver_registry_failures_total',
    help: 'How often the registry could not be read.',
    registers,
  });
  const serving = new Map<string, Record<'model' | 'version' | 'as_of' | 'sha256', string>>();
  const forget = (model: string) => {
    const labels = serving.get(model);
    if (labels !== undefined) info.remove(labels);
    serving.delete(model);
  };
  return (event) => {
    if (event.kind === 'registry-failed') registryFailures.inc();
    else if (event.kind === 'load-failed' || event.kind === 'challenger-failed') failures.inc({ model: event.model });
    else if (event.kind === 'removed') forget(event.model);
    else if (event.kind === 'loaded') {
      const { model, version, asOf, sha256 } = event.version;
      forget(model);
      serving.set(model, { model, version, as_of: asOf, sha256 });
      info.set({ model, version, as_of: asOf, sha256 }, 1);
      // Named at zero from the start, so that a rate over them sees the first one.
      swaps.inc({ model }, event.replaced === undefined ? 0 : 1);
      failures.inc({ model }, 0);
    }
  };
}
