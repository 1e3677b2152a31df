import { stringify } from 'yaml';
import { alerts } from '../alerts.ts';
import type { Subject } from '../alert.ts';
import { INCIDENTS, MONTH } from './incidents.ts';
import { machineMonth, modelMonth, type Month, pipelineMonth, serviceMonth } from './month.ts';

/** The subjects that have a month; the step is so short that each one's shortest window holds two values. */
export const MONTHS = {
  service: { stepMinutes: 2.5, evaluatedMinutes: 5, month: serviceMonth },
  machine: { stepMinutes: 2.5, evaluatedMinutes: 5, month: machineMonth },
  pipeline: { stepMinutes: 10, evaluatedMinutes: 10, month: pipelineMonth },
  model: { stepMinutes: 30, evaluatedMinutes: 30, month: modelMonth },
} as const satisfies Partial<Record<Subject, Simulated>>;

interface Simulated {
  stepMinutes: number;
  evaluatedMinutes: number;
  month: (stepMinutes: number) => Month;
}

/**
 * The month as one file for `promtool test rules`. In each incident's window exactly its alerts fire; between windows none.
 */
export function promtoolMonth(subject: keyof typeof MONTHS, ruleFile: string, incidents = INCIDENTS): string {
  const { stepMinutes, evaluatedMinutes, month } = MONTHS[subject];
  const step = `${stepMinutes * 60}s`;
  const ofSubject = (names: string[]) =>
    alerts.filter(({ name, subject: of }) => of === subject && names.includes(name)).map(({ name }) => name);
  const segments: { from: number; to: number; fired: string[] }[] = [];
  let from = 0;
  for (const incident of incidents) {
    const end = incident.from + incident.windowMinutes;
    segments.push({ from, to: incident.from - stepMinutes, fired: [] });
    segments.push({ from: incident.from, to: end, fired: ofSubject(incident.alerts) });
    from = end + stepMinutes;
  }
  segments.push({ from, to: MONTH, fired: [] });
  return stringify(
    {
      rule_files: [ruleFile],
      evaluation_interval: `${evaluatedMinutes * 60}s`,
      tests: [
        {
          name: `a month of the ${subject}`,
          interval: step,
          input_series: Object.entries(month(stepMinutes)).map(([series, values]) => ({
            series,
            values: shortened(values),
          })),
          promql_expr_test: segments
            .filter(({ to, from: begin }) => to > begin)
            .map((segment) => ({
              expr: `group by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${Math.round((segment.to - segment.from) * 60) + 1}s]))`,
              eval_time: `${segment.to * 60}s`,
              exp_samples: segment.fired.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
            })),
        },
      ],
    },
    { lineWidth: 0 },
  );
}

/** In promtool's notation, what repeats once. */
function shortened(values: (number | undefined)[]): string {
  const runs: { value: number | undefined; times: number }[] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.value === value && last !== undefined) last.times += 1;
    else runs.push({ value, times: 1 });
  }
  return runs
    .map(({ value, times }) => {
      // Nothing that can be scraped: the series ends at once.
      if (value === undefined) return ['stale', ...Array<string>(times - 1).fill('_')].join(' ');
      const text = String(Number(value.toFixed(4)));
      return times === 1 ? text : `${text}x${times - 1}`;
    })
    .join(' ');
}
