import { THRESHOLDS } from '../thresholds.ts';
import { type Alert, duration, type RuleGroup } from './alert.ts';

const ofMonitoring = { dashboard: 'cleaver-home-server', logs: 'log.level: error' } as const;

/** Who watches the watchman. */
export const MONITORING: RuleGroup = {
  subject: 'monitoring',
  alerts: (timing): Alert[] => [
    {
      ...ofMonitoring,
      name: 'Watchdog',
      severity: 'info',
      expr: 'vector(1)',
      summary: 'The heartbeat of monitoring: {{ $value }}, always',
      description: 'It goes to a service outside that tells you when it stops. It never comes to Slack.',
      runbook: {
        means:
          'Nothing is wrong while it fires. When the service outside says that it stopped, monitoring itself is down.',
        look: ['The machine, the line, Prometheus, Alertmanager: `kubectl -n monitoring get pods`.'],
        do: ['Start what is down. Until then no alert reaches you.'],
      },
    },
    {
      ...ofMonitoring,
      name: 'AlertmanagerUnreachable',
      severity: 'page',
      expr: 'prometheus_notifications_alertmanagers_discovered < 1',
      for: timing.meta,
      summary: 'Prometheus knows {{ $value }} Alertmanagers',
      description: 'No alert is delivered, most likely not even this one; the heartbeat stops too.',
      runbook: {
        means: 'Prometheus has nobody to hand its alerts to.',
        look: ['`kubectl -n monitoring get pods`; _Status → Runtime & build information_ in Prometheus.'],
        do: ['Start Alertmanager; mend its address in Prometheus’ settings.'],
      },
    },
    {
      ...ofMonitoring,
      name: 'AlertsNotSent',
      severity: 'page',
      expr: `increase(prometheus_notifications_dropped_total[${duration(timing.meta)}]) > 0`,
      for: timing.meta,
      summary: 'Prometheus lost {{ $value | printf "%.0f" }} alerts on the way to Alertmanager',
      description: 'They are sent again as long as they fire, but Alertmanager does not answer well.',
      runbook: {
        means: 'Alertmanager does not answer, or too slowly.',
        look: ['Its log and memory; the network policies between the two.'],
        do: ['Restart it: `kubectl -n monitoring rollout restart statefulset,deployment`.'],
      },
    },
    {
      ...ofMonitoring,
      name: 'MessagesFailing',
      severity: 'ticket',
      expr: failingMessages(duration(timing.meta)),
      for: timing.meta,
      summary: '{{ $value | humanizePercentage }} of Alertmanager’s messages by {{ $labels.integration }} fail',
      description: 'Slack, or the service that takes the heartbeat, refuses them. Others may still come through.',
      runbook: {
        means: 'The webhook refuses or cannot be reached.',
        look: ['Alertmanager’s log: 403 and 404 are a webhook that was revoked, 429 too many messages.'],
        do: ['A new webhook’s URL into the secret; Alertmanager reads the file at each message.'],
      },
    },
    {
      ...ofMonitoring,
      name: 'MonitoringDown',
      severity: 'ticket',
      expr: 'up{job=~"prometheus|alertmanager"} == 0',
      for: timing.meta,
      summary: '{{ $labels.job }} at {{ $labels.instance }} does not answer (up is {{ $value }})',
      description: 'Metrics or messages are missing.',
      runbook: {
        means: 'A part of monitoring does not answer Prometheus.',
        look: ['`kubectl -n monitoring describe pod POD`.'],
        do: ['Most often its disk or memory is at the limit: raise it, or shorten the retention.'],
      },
    },
    {
      ...ofMonitoring,
      name: 'RulesFailing',
      severity: 'ticket',
      expr: `increase(prometheus_rule_evaluation_failures_total[${duration(timing.meta)}]) > 0`,
      summary: '{{ $value | printf "%.0f" }} evaluations of {{ $labels.rule_group }} failed',
      description: 'These alerts cannot fire.',
      runbook: {
        means: 'Prometheus could not evaluate a rule, most often as two series are where one was expected.',
        look: ['_Alerts_ and _Status → Rule health_ in Prometheus show the error.'],
        do: ['Is something scraped twice? Mend that, or the rule in `monitoring/rules`.'],
      },
    },
    {
      ...ofMonitoring,
      name: 'ConfigurationRefused',
      severity: 'ticket',
      expr: 'prometheus_config_last_reload_successful == 0 or alertmanager_config_last_reload_successful == 0',
      for: timing.meta,
      summary: '{{ $labels.job }} refused its newest configuration (successful is {{ $value }})',
      description: 'It goes on with the former one until it is restarted; then it does not start.',
      runbook: {
        means: 'A file that was changed is not valid.',
        look: ['The log of the program says the line. `promtool check config`, `amtool check-config`.'],
        do: ['Mend it in `monitoring/`, `npm run monitoring`, and release it again.'],
      },
    },
  ],
};

function failingMessages(window: string): string {
  const rate = (name: string) => `sum by (integration) (rate(alertmanager_notifications_${name}[${window}]))`;
  return `${rate('failed_total')} / ${rate('total')} > ${THRESHOLDS.notificationFailureShare}`;
}
