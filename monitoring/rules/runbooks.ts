import { duration } from './alert.ts';
import { type AlertOf, alerts } from './alerts.ts';
import { simulationTable } from './simulation/table.ts';

const HOW = {
  page: 'wakes somebody, day and night',
  ticket: 'waits for the morning when it comes at night',
  info: 'is only told',
} as const;

/** docs/runbooks.md: what to do about each alert. */
export function runbookPage(): string {
  const subjects = [...new Set(alerts.map(({ subject }) => subject))];
  return [
    '<!-- Generated from monitoring/rules by `npm run monitoring`; write there, not here. -->',
    '',
    '# Runbooks',
    '',
    'What each alert means, where to look and what to do. A Slack message about an alert links its section. Words in capitals are',
    'yours to fill in. All thresholds and durations stand in [thresholds.ts](../monitoring/thresholds.ts).',
    ...subjects.flatMap((subject) => ['', `## About the ${subject}`, ...ofSubject(subject)]),
    '',
    '## A month of incidents',
    '',
    'What a month of a server at home would tell you: these incidents were put through all rules of service, machine, pipeline and',
    'model by `promtool test rules` (`npm run test:observe`). Whatever fires beside what is listed, at any time of the month, fails that test.',
    'A power cut also sets off `ServiceDown`, which Alertmanager silences.',
    '',
    simulationTable().trimEnd(),
    '',
  ].join('\n');
}

function ofSubject(subject: string): string[] {
  return alerts.filter((alert) => alert.subject === subject).flatMap((alert) => ['', ...section(alert)]);
}

function section({ name, severity, description, expr, for: seconds, runbook }: AlertOf): string[] {
  const lasting = seconds === undefined ? 'At once' : `After ${duration(seconds)}`;
  const list = (items: string[]) => items.map((item) => `- ${item}`);
  return [
    `### ${name}`,
    '',
    `**${severity}**: it ${HOW[severity]}. ${description}`,
    '',
    runbook.means,
    '',
    'Look at:',
    '',
    ...list(runbook.look),
    '',
    'Do:',
    '',
    ...list(runbook.do),
    '',
    `${lasting}, when Prometheus finds something by`,
    '',
    '```promql',
    expr,
    '```',
  ];
}
