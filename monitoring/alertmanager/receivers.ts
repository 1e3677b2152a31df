/** Names of the receivers, as `amtool` shows them. */
export const RECEIVERS = { page: 'page', ticket: 'ticket', info: 'info', heartbeat: 'heartbeat' } as const;

interface Files {
  slackUrlFile: string;
  pageUrlFile: string;
  heartbeatUrlFile: string | undefined;
}

/** Slack for people, and the heartbeat for the service outside. URLs are in files, as they are keys. */
export function receiversOf({ slackUrlFile, pageUrlFile, heartbeatUrlFile }: Files) {
  return [
    { name: RECEIVERS.page, slack_configs: [slack(pageUrlFile)] },
    { name: RECEIVERS.ticket, slack_configs: [slack(slackUrlFile)] },
    { name: RECEIVERS.info, slack_configs: [slack(slackUrlFile)] },
    {
      name: RECEIVERS.heartbeat,
      ...(heartbeatUrlFile !== undefined && {
        webhook_configs: [{ url_file: heartbeatUrlFile, send_resolved: false, max_alerts: 1 }],
      }),
    },
  ];
}

function slack(urlFile: string) {
  return {
    api_url_file: urlFile,
    send_resolved: true,
    // The webhook's own; Slack takes no other.
    username: '',
    title: '{{ template "cleaver.title" . }}',
    title_link: '{{ template "cleaver.title-link" . }}',
    text: '{{ template "cleaver.text" . }}',
    fallback: '{{ template "cleaver.fallback" . }}',
    color: '{{ template "cleaver.color" . }}',
    footer: '',
    mrkdwn_in: ['text', 'fields'],
    short_fields: true,
    fields: [
      { title: 'Severity', value: '{{ template "cleaver.severity" . }}' },
      { title: '{{ template "cleaver.when-title" . }}', value: '{{ template "cleaver.when" . }}' },
    ],
  };
}
