import { stringify } from 'yaml';
import { dashboardUrl, logsUrl, type Places, PLACES, runbookUrl } from '../places.ts';
import { timing } from '../thresholds.ts';
import { type Alert, duration, type RuleGroup, type Subject } from './alert.ts';
import { GROUPS } from './alerts.ts';

export { runbookPage } from './runbooks.ts';

export interface RuleOptions {
  /** Every duration is so many times shorter, for tests. Expressions and thresholds are the same. */
  timeScale?: number;
  places?: Places;
}

/** Prometheus' rule files, one a subject. */
export function ruleFiles(options: RuleOptions = {}): Record<string, string> {
  return Object.fromEntries(
    ruleGroups(options).map(({ subject, groups }) => [
      `rules/${subject}.yaml`,
      stringify({ groups }, { lineWidth: 0 }),
    ]),
  );
}

/** The same rules as objects of the Prometheus Operator, which kube-prometheus-stack brings. */
export function prometheusRules(labels: Record<string, string>, options: RuleOptions = {}): PrometheusRule[] {
  return ruleGroups(options).map(({ subject, groups }) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: `cleaver-${subject}`, labels },
    spec: { groups },
  }));
}

export interface PrometheusRule {
  apiVersion: 'monitoring.coreos.com/v1';
  kind: 'PrometheusRule';
  metadata: { name: string; labels: Record<string, string> };
  spec: { groups: Group[] };
}

export interface Group {
  name: string;
  rules: Rule[];
}

export type Rule =
  | { record: string; expr: string }
  | {
      alert: string;
      expr: string;
      for?: string;
      keep_firing_for?: string;
      labels: Record<string, string>;
      annotations: Record<string, string>;
    };

function ruleGroups({ timeScale = 1, places = PLACES }: RuleOptions): { subject: Subject; groups: Group[] }[] {
  const durations = timing(timeScale);
  const groupsOf = ({ subject, recordings, alerts: alertsOf }: RuleGroup): Group[] => [
    // In one group they are evaluated in this order, so that alerts see the ratios of the same moment.
    {
      name: `cleaver-${subject}`,
      rules: [
        ...(recordings?.(durations) ?? []),
        ...alertsOf(durations).map((alert) => alertRule(subject, alert, places)),
      ],
    },
  ];
  return GROUPS.map((group) => ({ subject: group.subject, groups: groupsOf(group) }));
}

function alertRule(subject: Subject, alert: Alert, places: Places): Rule {
  return {
    alert: alert.name,
    expr: alert.expr,
    ...(alert.for !== undefined && { for: duration(alert.for) }),
    ...(alert.keepFor !== undefined && { keep_firing_for: duration(alert.keepFor) }),
    labels: { severity: alert.severity, subject },
    annotations: annotationsOf(alert, places),
  };
}

/** What an alert carries to whoever tells it; `summary` still holds its templates. */
export function annotationsOf(alert: Alert, places: Places = PLACES): Record<string, string> {
  return {
    summary: alert.summary,
    description: alert.description,
    dashboard_url: dashboardUrl(places, alert.dashboard),
    logs_url: logsUrl(places, alert.logs),
    runbook_url: runbookUrl(places, alert.name),
  };
}
