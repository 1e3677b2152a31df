import { type AlertCase, type Cases, series } from './alert-case.ts';

const PROMETHEUS = { job: 'prometheus', instance: 'prometheus:9090' };
const ALERTMANAGER = { job: 'alertmanager', instance: 'alertmanager:9093' };
const SLACK = { ...ALERTMANAGER, integration: 'slack' };

/** Of monitoring's own alerts. Watchdog is not among them: it always fires. */
export const MONITORING_CASES: Cases = {
  AlertmanagerUnreachable: broken('prometheus_notifications_alertmanagers_discovered', PROMETHEUS, {
    bad: '0x30 1x30',
    good: '0x5 1x60',
    because: 'it was restarted',
    summary: 'Prometheus knows 0 Alertmanagers',
  }),
  AlertsNotSent: broken('prometheus_notifications_dropped_total', PROMETHEUS, {
    bad: '0+2x30 60x60',
    good: '60x60',
    because: 'those were long ago',
    summary: 'Prometheus lost 30 alerts on the way to Alertmanager',
  }),
  MessagesFailing: {
    every: '1m',
    fires: {
      series: messages({ failed: '0+1x30 30x60', all: '0+4x90' }),
      at: '25m',
      over: '55m',
      told: [{ labels: { integration: 'slack' }, summary: '25% of Alertmanager’s messages by slack fail' }],
    },
    quiet: {
      because: 'one in a hundred is tried again',
      series: messages({ failed: '0+1x90', all: '0+100x90' }),
      at: '25m',
    },
  },
  MonitoringDown: broken('up', ALERTMANAGER, {
    bad: '0x30 1x30',
    good: '0x5 1x60',
    because: 'it was restarted',
    summary: 'alertmanager at alertmanager:9093 does not answer (up is 0)',
  }),
  RulesFailing: broken(
    'prometheus_rule_evaluation_failures_total',
    { ...PROMETHEUS, rule_group: 'cleaver-service' },
    {
      bad: '0+1x30 30x60',
      good: '30x60',
      because: 'those were long ago',
      summary: '15 evaluations of cleaver-service failed',
    },
  ),
  ConfigurationRefused: broken('alertmanager_config_last_reload_successful', ALERTMANAGER, {
    bad: '0x30 1x30',
    good: '1x60',
    because: 'it was taken',
    summary: 'alertmanager refused its newest configuration (successful is 0)',
  }),
};

function messages({ failed, all }: { failed: string; all: string }): Record<string, string> {
  return {
    [series('alertmanager_notifications_failed_total', SLACK)]: failed,
    [series('alertmanager_notifications_total', SLACK)]: all,
  };
}

/** Bad for half an hour. */
function broken(
  name: string,
  labels: Record<string, string>,
  { bad, good, because, summary }: Record<'bad' | 'good' | 'because' | 'summary', string>,
): AlertCase {
  const of = series(name, labels);
  return {
    every: '1m',
    fires: { series: { [of]: bad }, at: '25m', over: '55m', told: [{ labels, summary }] },
    quiet: { because, series: { [of]: good }, at: '25m' },
  };
}
