import { histogramOf, type Histogram } from '../metrics/histogram.ts';
import { sumOf, type Sample } from '../metrics/samples.ts';

/** What the service's metrics say that a release is judged by. */
export interface ServiceFigures {
  requests: number;
  /** Answered with 5xx. */
  errors: number;
  /** Seconds from request to answer. */
  latency: Histogram;
  /** By model and version, the scores that were given. */
  scores: { model: string; version: string; histogram: Histogram }[];
  /** The version of each model that answers. */
  champions: { model: string; version: string }[];
  /** What was kept beside, how often it was to score, and how often it could not. */
  challengers: { model: string; version: string; tries: number; failures: number }[];
}

/** Asked by the cluster and by Prometheus, not by people; /readyz answers 503 where nothing is wrong. */
const PROBES = ['/livez', '/readyz', '/startupz', '/metrics'];

/** The figures in samples of one or several pods. */
export function figuresOf(samples: readonly Sample[]): ServiceFigures {
  const isAsked = ({ route = '' }: Record<string, string>) => !PROBES.includes(route);
  const isError = (labels: Record<string, string>) => isAsked(labels) && (labels['status'] ?? '').startsWith('5');
  return {
    requests: sumOf(samples, 'cleaver_http_requests_total', isAsked),
    errors: sumOf(samples, 'cleaver_http_requests_total', isError),
    latency: histogramOf(samples, 'cleaver_http_request_duration_seconds', isAsked),
    scores: seriesOf(samples, 'cleaver_scores_bucket', ['model', 'version']).map(([model = '', version = '']) => {
      const isIts = (labels: Record<string, string>) => labels['model'] === model && labels['version'] === version;
      return { model, version, histogram: histogramOf(samples, 'cleaver_scores', isIts) };
    }),
    champions: versionsIn(samples, 'cleaver_model_info'),
    challengers: versionsIn(samples, 'cleaver_challenger_info').map(({ model, version }) => {
      const of = (name: string) => sumOf(samples, name, (labels) => labels['model'] === model);
      const shadowFailures = of('cleaver_shadow_failures_total');
      return {
        ...{ model, version },
        tries: of('cleaver_canary_requests_total') + of('cleaver_shadow_rows_total') + shadowFailures,
        failures: of('cleaver_canary_failures_total') + shadowFailures,
      };
    }),
  };
}

/** The scores of a model, all its versions together; undefined where it gave none. */
export function scoresOfModel({ scores }: ServiceFigures, model: string): Histogram | undefined {
  const own = scores.filter((one) => one.model === model).map(({ histogram }) => histogram);
  return own.reduce<Histogram | undefined>((sum, { bounds, counts, total }) => {
    if (sum === undefined) return { bounds, counts, total };
    return {
      bounds,
      counts: counts.map((count, at) => count + (sum.counts[at] ?? 0)),
      total: total + sum.total,
    };
  }, undefined);
}

function versionsIn(samples: readonly Sample[], name: string): { model: string; version: string }[] {
  return seriesOf(samples, name, ['model', 'version']).map(([model = '', version = '']) => ({ model, version }));
}

/** The distinct values of some labels among the series of a name. */
function seriesOf(samples: readonly Sample[], name: string, labels: readonly string[]): string[][] {
  const found = new Map<string, string[]>();
  for (const sample of samples) {
    if (sample.name !== name) continue;
    const values = labels.map((label) => sample.labels[label] ?? '');
    found.set(JSON.stringify(values), values);
  }
  return [...found.values()];
}
