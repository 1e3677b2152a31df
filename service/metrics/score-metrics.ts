import { Counter, Histogram, type Registry } from 'prom-client';
import type { ModelVersion } from '../../pipelines/adapters/registry.ts';
import { boundCounter, boundHistogram, madeOnce } from './bound-metrics.ts';

type Named = Pick<ModelVersion, 'model' | 'version'>;

/** Counts what versions score, so that the champion and its challenger can be compared. */
export interface ScoreMetrics {
  /** Scores that a client gets; of a canary where they are the challenger's in the champion's place. */
  rows(version: Named, scores: Float32Array, isCanary: boolean): void;
  /** Scores that the challenger made beside. */
  shadow: (version: Named, scores: Float32Array) => void;
  shadowFailed: (model: string) => void;
  /** A request that falls to the challenger, and one of these that the champion had to answer. */
  canary: (model: string) => void;
  canaryFailed: (model: string) => void;
}

const SCORES = Array.from({ length: 20 }, (_, at) => (at + 1) / 20);

/** All at zero. */
export function scoreMetrics(registers: Registry[]): ScoreMetrics {
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames: ['model'], registers });
  const shadowRows = counter('cleaver_shadow_rows_total', 'Rows that the challenger scored beside.');
  const shadowFailures = counter('cleaver_shadow_failures_total', 'Requests that the challenger could not score.');
  const canaryRequests = counter('cleaver_canary_requests_total', 'Requests that fell to the challenger.');
  const canaryFailures = counter('cleaver_canary_failures_total', 'Those that the champion had to answer after all.');
  const canaryRows = counter('cleaver_canary_rows_total', 'Rows that the challenger answered in such requests.');
  const { answered, shadowed } = versionMetrics(registers);
  return {
    rows(version, scores, isCanary) {
      answered(version, scores);
      if (isCanary) canaryRows.inc({ model: version.model }, scores.length);
    },
    shadow(version, scores) {
      shadowed(version, scores);
      shadowRows.inc({ model: version.model }, scores.length);
    },
    shadowFailed(model) {
      shadowFailures.inc({ model });
    },
    canary(model) {
      canaryRequests.inc({ model });
      // Named at zero from the start, so that a rate over them sees the first one.
      canaryFailures.inc({ model }, 0);
    },
    canaryFailed(model) {
      canaryFailures.inc({ model });
    },
  };
}

/** On the way of each request, so by held counters. */
function versionMetrics(
  registers: Registry[],
): Record<'answered' | 'shadowed', (of: Named, scores: Float32Array) => void> {
  const rows = new Counter({
    name: 'cleaver_rows_scored_total',
    help: 'Rows scored, by model and version.',
    labelNames: ['model', 'version'],
    registers,
  });
  const scores = new Histogram({
    name: 'cleaver_scores',
    help: 'Scores, by model and version; role says whether a client got them (answer) or nobody did (shadow).',
    labelNames: ['model', 'version', 'role'],
    buckets: SCORES,
    registers,
  });
  const answeredBy = madeOnce<(scores: Float32Array) => void>();
  const shadowedBy = madeOnce<(scores: Float32Array) => void>();
  const observing = (labels: Named & { role: 'answer' | 'shadow' }) => {
    const observe = boundHistogram(scores, labels, SCORES);
    return (given: Float32Array) => {
      for (const score of given) observe(score);
    };
  };
  return {
    answered({ model, version }, given) {
      answeredBy(`${model} ${version}`, () => {
        const observe = observing({ model, version, role: 'answer' });
        const count = boundCounter(rows, { model, version });
        return (each) => {
          count(each.length);
          observe(each);
        };
      })(given);
    },
    shadowed({ model, version }, given) {
      shadowedBy(`${model} ${version}`, () => observing({ model, version, role: 'shadow' }))(given);
    },
  };
}
