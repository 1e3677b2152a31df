import { BURN_RATES, OBJECTIVES, THRESHOLDS, type Timing } from '../thresholds.ts';
import type { Alert, Runbook } from './alert.ts';

/** Alerts of one objective: fast and slow spending of its budget, page and ticket. */
export function burnRateAlerts(timing: Timing): Alert[] {
  return [
    ...ofObjective(timing, {
      name: 'ServiceFailing',
      ratio: 'cleaver:scoring_failures:ratio_rate',
      objective: OBJECTIVES.availability,
      what: 'requests for scores fail',
      description: 'Clients get an error in place of a score, or are turned away. The promise is {objective} answered.',
      logs: 'log.level: error',
      runbook: FAILING,
    }),
    ...ofObjective(timing, {
      name: 'ServiceSlow',
      ratio: 'cleaver:scoring_slow:ratio_rate',
      objective: OBJECTIVES.latency,
      what: `requests for scores take longer than ${OBJECTIVES.latencySeconds} s`,
      description: 'Clients wait, and some give up. The promise is {objective} in that time.',
      logs: 'event.duration >= 250000000',
      runbook: SLOW,
    }),
  ];
}

interface Objective extends Pick<Alert, 'name' | 'description' | 'logs'> {
  ratio: string;
  objective: number;
  what: string;
  runbook: Runbook;
}

function ofObjective(timing: Timing, { name, ratio, objective, what, description, logs, runbook }: Objective): Alert[] {
  const budget = Number((1 - objective).toPrecision(6));
  return (['page', 'ticket'] as const).map((severity) => {
    const burnings = BURN_RATES.filter((burning) => burning.severity === severity).map(({ factor, long, short }) => {
      const limit = Number((factor * budget).toPrecision(6));
      const isAsked = `cleaver:scoring_requests:rate${long} * ${timing[long]} >= ${THRESHOLDS.minimumRequests}`;
      return `(${ratio}${long} > ${limit} and ${ratio}${short} > ${limit} and ${isAsked})`;
    });
    return {
      name: severity === 'page' ? `${name}Fast` : `${name}Slowly`,
      severity,
      expr: burnings.join('\nor\n'),
      for: timing.burnRateFor,
      summary: `{{ $value | humanizePercentage }} of ${what}`,
      description: description.replace('{objective}', `${Number((objective * 100).toPrecision(6))} %`),
      dashboard: 'cleaver-service',
      logs,
      runbook: {
        ...runbook,
        means: `${runbook.means} ${severity === 'page' ? 'So fast that the month’s budget is gone in days.' : 'Not fast enough to wake anybody, but the month’s budget will not last.'}`,
      },
    };
  });
}

const FAILING: Runbook = {
  means:
    'A larger share of requests to the scoring routes than promised is answered by a status of 5xx, or turned away (shed).',
  look: [
    'The dashboard _Service_: which route and status; did it begin with a release or a new model version?',
    'The logs: `error.code` says what failed. `OVERLOADED` is too much to do, not a fault.',
    '`kubectl -n cleaver get pods` and `helm -n cleaver history cleaver`.',
  ],
  do: [
    'It began with a release: `helm -n cleaver rollback cleaver`.',
    'It began with a model version: `npx cleaver promote --model NAME --to FORMER`; the service swaps within seconds.',
    'It is busy: more `replicas`, or the chart’s `autoscaling`, or ask the client that sends so much.',
  ],
};

const SLOW: Runbook = {
  means: 'A larger share of answers than promised takes too long.',
  look: [
    'The dashboard _Service_: event-loop delay, rows that wait, batch sizes.',
    'The dashboard _Home server_: does a training, a backup or somebody else have the processor or the disk?',
  ],
  do: [
    'Let trainings run at night or give them less (`nice`, the runner’s `CPUQuota`).',
    'Clients that send thousands of rows at once: smaller batches, or the delivered files.',
    'It began with a model version: go back to the former one by `npx cleaver promote --model NAME --to FORMER`.',
  ],
};
