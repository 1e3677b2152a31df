import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ModelEvent } from './served-models.ts';

/** What the service counts, in a registry of its own. */
export interface Metrics {
  /** The page for Prometheus and its content type. */
  text(): Promise<string>;
  contentType: string;
  request(method: string, route: string, status: number, seconds: number): void;
  rows(model: string, version: string, count: number): void;
  modelEvent: (event: ModelEvent) => void;
}

// From a quarter of a millisecond (one row) to seconds (ten thousand).
const SECONDS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Fresh metrics, all at zero. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'cleaver_http_requests_total',
    help: 'Requests answered, by route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'cleaver_http_request_duration_seconds',
    help: 'Time from request to answer, by route pattern.',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers,
  });
  const rows = new Counter({
    name: 'cleaver_rows_scored_total',
    help: 'Rows scored, by model and version.',
    labelNames: ['model', 'version'],
    registers,
  });
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    request(method, route, status, duration) {
      requests.inc({ method, route, status });
      seconds.observe({ method, route }, duration);
    },
    rows(model, version, count) {
      rows.inc({ model, version }, count);
    },
    modelEvent: modelMetrics(registers),
  };
}

function modelMetrics(registers: Registry[]): Metrics['modelEvent'] {
  const info = new Gauge({
    name: 'cleaver_model_info',
    help: '1 for the version that is served.',
    labelNames: ['model', 'version', 'as_of', 'sha256'],
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
    help: 'How often a champion did not load.',
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
    else if (event.kind === 'load-failed') failures.inc({ model: event.model });
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
