import { stringify } from 'yaml';
import { MESSAGES, QUIET_HOURS } from '../thresholds.ts';
import { duration } from '../rules/alert.ts';
import { INHIBITIONS } from './inhibitions.ts';
import { RECEIVERS, receiversOf } from './receivers.ts';
import { slackTemplate } from './slack-template.ts';

/** Where Alertmanager reads what is secret, and how it gathers; a test has its own. */
export interface AlertmanagerOptions {
  /** The file with the URL of Slack's webhook. */
  slackUrlFile?: string;
  /** Pages to another channel: its webhook. */
  pageUrlFile?: string;
  /** The file with the URL that is called as long as monitoring lives; without one nobody notices when it dies. */
  heartbeatUrlFile?: string | undefined;
  /** Folder and file of the template. */
  templates?: string;
  messages?: Readonly<Record<keyof typeof MESSAGES, number>>;
  quietHours?: QuietHours;
}

/** From an evening to a morning, in a zone of the tz database. */
export interface QuietHours {
  from: string;
  to: string;
  location: string;
}

const SECRETS = '/etc/alertmanager/secrets';

/** Alertmanager's configuration and the template of its messages. */
export function alertmanagerFiles(options: AlertmanagerOptions = {}): Record<string, string> {
  return {
    'alertmanager/alertmanager.yml': stringify(alertmanagerConfig(options), { lineWidth: 0 }),
    'alertmanager/slack.tmpl': slackTemplate(),
  };
}

/** The configuration as an object; kube-prometheus-stack takes it as `alertmanager.config`. */
export function alertmanagerConfig(options: AlertmanagerOptions = {}) {
  const {
    slackUrlFile = `${SECRETS}/slack-url`,
    pageUrlFile = slackUrlFile,
    templates = '/etc/alertmanager/*.tmpl',
    messages = MESSAGES,
    quietHours = QUIET_HOURS,
  } = options;
  const heartbeatUrlFile = 'heartbeatUrlFile' in options ? options.heartbeatUrlFile : `${SECRETS}/heartbeat-url`;
  return {
    templates: [templates],
    route: routes(messages),
    inhibit_rules: INHIBITIONS,
    time_intervals: [{ name: 'quiet-hours', time_intervals: [overnight(quietHours)] }],
    receivers: receiversOf({ slackUrlFile, pageUrlFile, heartbeatUrlFile }),
  };
}

/** From the most urgent on; the first that matches has it. What has no severity of ours is a ticket. */
function routes(messages: Readonly<Record<keyof typeof MESSAGES, number>>) {
  const times = (wait: number, repeat: number) => ({
    group_wait: duration(wait),
    group_interval: duration(messages.groupInterval),
    repeat_interval: duration(repeat),
  });
  // A ticket is a thing to do, so one message for each; of all models that have it.
  const byThing = { group_by: ['subject', 'alertname'], mute_time_intervals: ['quiet-hours'] };
  return {
    receiver: RECEIVERS.ticket,
    group_by: ['subject', 'alertname'],
    ...times(messages.groupWait, messages.repeatTicket),
    routes: [
      {
        matchers: ['alertname="Watchdog"'],
        receiver: RECEIVERS.heartbeat,
        group_by: ['alertname'],
        group_wait: '0s',
        group_interval: duration(messages.heartbeatEvery),
        repeat_interval: duration(messages.heartbeatEvery),
      },
      {
        matchers: ['severity="page"'],
        receiver: RECEIVERS.page,
        // What breaks of one subject within minutes is one incident.
        group_by: ['subject'],
        ...times(messages.groupWaitPage, messages.repeatPage),
        // Of machines that of each.
        routes: [{ matchers: ['subject="machine"'], group_by: ['subject', 'node'] }],
      },
      {
        matchers: ['severity="info"'],
        receiver: RECEIVERS.info,
        ...byThing,
        ...times(messages.groupWait, messages.repeatInfo),
      },
      {
        matchers: ['severity=~".*"'],
        receiver: RECEIVERS.ticket,
        ...byThing,
        ...times(messages.groupWait, messages.repeatTicket),
      },
    ],
  };
}

function overnight({ from, to, location }: QuietHours) {
  return {
    // A range does not cross midnight.
    times: [
      { start_time: from, end_time: '24:00' },
      { start_time: '00:00', end_time: to },
    ],
    location,
  };
}
