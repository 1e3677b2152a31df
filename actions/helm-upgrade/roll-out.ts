import type { Job } from '../job.ts';
import type { Helm } from './cluster/helm.ts';
import type { Cluster } from './cluster/kubectl.ts';
import { essentialLines } from './explain-failure.ts';
import { judgeChallenger, type ChallengerVerdict } from './judge/judge-challenger.ts';
import { metricsReader } from './metrics/read-metrics.ts';
import type { Inputs } from './options.ts';
import { pause } from './pause.ts';
import { watchRelease, type Watch } from './watch-release.ts';

export interface RolledOut {
  /** Why it cannot stay, for people; empty when it can. */
  reasons: string[];
  /** Of a challenger, where one is compared. */
  verdict?: ChallengerVerdict['verdict'] | undefined;
  judgement: string[];
}

export interface RollOutDependencies {
  helm: Helm;
  cluster: Cluster;
  job: Pick<Job, 'line'>;
  /** Ends it: the job was cancelled, or the lock lost. */
  signal: AbortSignal;
}

/** A false alarm in a hundred releases, over all looks and questions. */
const RISK = 0.01;
const QUESTIONS = 3;

/** Rolls out, tests, and bakes, with the release watched all the while. Changes nothing back. */
export async function rollOut(inputs: Inputs, { helm, cluster, job, signal }: RollOutDependencies): Promise<RolledOut> {
  const { 'bake-seconds': bakeSeconds, 'look-seconds': lookSeconds, 'timeout-seconds': timeoutSeconds } = inputs;
  const budgets = {
    errorRate: inputs['error-rate'],
    p99Factor: inputs['p99-factor'],
    p99FloorSeconds: inputs['p99-floor-ms'] / 1000,
    scoreShift: inputs['score-shift'],
  };
  const looks = Math.max(1, (timeoutSeconds + bakeSeconds) / lookSeconds);
  const readMetrics = metricsReader({
    cluster,
    namespace: inputs.namespace,
    prometheusUrl: inputs['prometheus-url'],
    onTrouble: (text) => {
      job.line(text);
    },
  });
  const risk = RISK / looks / QUESTIONS;
  const watch = await watchRelease({
    ...{ cluster, readMetrics, budgets, risk, lookMs: lookSeconds * 1000 },
    onLook: (text) => {
      job.line(text);
    },
  });
  const ends = AbortSignal.any([watch.bad, signal]);
  const failure = await proveItself(watch, helm, bakeSeconds, ends);
  await watch.stop();
  const reasons = watch.reasons().length > 0 ? watch.reasons() : failure === undefined ? [] : [failure];
  if (inputs.compare === 'former') return { reasons, judgement: [] };
  const { verdict, reasons: judgement } = judgeChallenger({
    current: watch.figures(),
    budgets,
    risk: RISK / QUESTIONS,
  });
  return { reasons, judgement, verdict: reasons.length > 0 ? 'dropped' : verdict };
}

async function proveItself(
  watch: Watch,
  helm: Helm,
  bakeSeconds: number,
  ends: AbortSignal,
): Promise<string | undefined> {
  const upgraded = await helm.upgrade(ends);
  if (upgraded.status !== 0) return watch.troubles()[0] ?? essentialLines(upgraded);
  watch.rolledOut();
  const tested = await helm.test(ends);
  if (tested.status !== 0) return `helm test failed: ${essentialLines(tested)}`;
  await pause(bakeSeconds * 1000, ends);
  return undefined;
}
