import { stringify } from 'yaml';
import type { AlertOf } from '../alerts.ts';
import { annotationsOf } from '../files.ts';
import type { AlertCase } from './alert-case.ts';

/** A file for `promtool test rules` of one alert: that it fires and says what it should, ends, and keeps quiet. */
export function promtoolTest(alert: AlertOf, { every, fires, quiet }: AlertCase, ruleFile: string): string {
  const test = (name: string, series: Record<string, string>, alertTests: object[]) => ({
    name,
    interval: every,
    input_series: Object.entries(series).map(([of, values]) => ({ series: of, values })),
    alert_rule_test: alertTests.map((alertTest) => ({ alertname: alert.name, ...alertTest })),
  });
  const told = fires.told.map(({ labels, summary }) => ({
    exp_labels: { ...labels, severity: alert.severity, subject: alert.subject },
    exp_annotations: { ...annotationsOf(alert), summary },
  }));
  return stringify(
    {
      rule_files: [ruleFile],
      evaluation_interval: every,
      tests: [
        test('fires, and ends', fires.series, [
          { eval_time: fires.at, exp_alerts: told },
          { eval_time: fires.over, exp_alerts: [] },
        ]),
        {
          ...test(`keeps quiet when ${quiet.because}`, quiet.series, [{ eval_time: quiet.at, exp_alerts: [] }]),
          // Nor at any time before.
          promql_expr_test: [{ expr: timesFired(alert.name, quiet.at), eval_time: quiet.at, exp_samples: [] }],
        },
      ],
    },
    { lineWidth: 0 },
  );
}

function timesFired(name: string, within: string): string {
  return `count_over_time(ALERTS{alertname="${name}",alertstate="firing"}[${within}])`;
}
