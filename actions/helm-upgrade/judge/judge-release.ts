import { countAbove, quantile, type Histogram } from '../metrics/histogram.ts';
import { scoresOfModel, type ServiceFigures } from './service-figures.ts';
import { shiftOf } from './stability.ts';
import { surelyMore } from './surely.ts';

/** What a release may cost. */
export interface Budgets {
  /** Share of requests answered with 5xx; where the former release had more, that. */
  errorRate: number;
  /** p99 against that of the former release. */
  p99Factor: number;
  /** A p99 up to this is never too slow. */
  p99FloorSeconds: number;
  /** Population stability index of the scores against the former release. */
  scoreShift: number;
}

export interface ReleaseInput {
  /** Undefined for a first install. */
  former: ServiceFigures | undefined;
  current: ServiceFigures;
  budgets: Budgets;
  /** The probability of a false alarm for each question asked, at each look. */
  risk: number;
}

/** Fewer requests say nothing. */
const MIN_REQUESTS = 20;
/** Fewer rows in a release say nothing about its distribution. */
const MIN_ROWS = 500;

/** What is surely worse than the budget, each as a sentence for people; empty when nothing is. */
export function judgeRelease(input: ReleaseInput): string[] {
  return [...judgeErrors(input), ...judgeLatency(input), ...judgeScores(input)];
}

function judgeErrors({ former, current, budgets, risk }: ReleaseInput): string[] {
  const { requests, errors } = current;
  const before = former && former.requests >= MIN_REQUESTS ? former.errors / former.requests : undefined;
  // Where the former release fails as well, a new one does not make it worse.
  const limit = Math.max(budgets.errorRate, before ?? 0);
  if (requests < MIN_REQUESTS || limit >= 1 || !surelyMore(errors, requests, limit, risk)) return [];
  const compared = before === undefined ? '' : `, ${percent(before)} before`;
  return [
    `${errors} of ${requests} requests failed with 5xx (${percent(errors / requests)}${compared}); the budget is ${percent(limit)}`,
  ];
}

function judgeLatency({ former, current, budgets, risk }: ReleaseInput): string[] {
  const before = former && p99(former.latency);
  const limit = Math.max(budgets.p99FloorSeconds, (before ?? 0) * budgets.p99Factor);
  const { latency } = current;
  // p99 is above the limit when more than 1 % of the requests are: a share, like that of the errors.
  const slow = countAbove(latency, limit);
  if (latency.total < MIN_REQUESTS || !surelyMore(slow, latency.total, 0.01, risk)) return [];
  const compared = before === undefined ? '' : `, ${milliseconds(before)} before`;
  return [
    `p99 is ${milliseconds(p99(latency) ?? limit)} over ${latency.total} requests${compared}; the budget is ${milliseconds(limit)}`,
  ];
}

function judgeScores({ former, current, budgets, risk }: ReleaseInput): string[] {
  const models = [...new Set(current.scores.map(({ model }) => model))];
  return models.flatMap((model) => {
    const [before, now] = [former && scoresOfModel(former, model), scoresOfModel(current, model)];
    if (before === undefined || now === undefined || Math.min(before.total, now.total) < MIN_ROWS) return [];
    const { index, chance } = shiftOf(before, now, risk);
    if (index <= budgets.scoreShift + chance) return [];
    return [
      `the scores of ${model} are distributed otherwise than before: stability index ${index.toFixed(2)} over ${now.total} rows; the budget is ${budgets.scoreShift}, and chance explains ${chance.toFixed(2)}`,
    ];
  });
}

function p99(latency: Histogram): number | undefined {
  return latency.total < MIN_REQUESTS ? undefined : quantile(latency, 0.99);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function milliseconds(seconds: number): string {
  return `${Number((seconds * 1000).toPrecision(3))} ms`;
}
