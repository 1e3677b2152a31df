/** Characters of a title and of the text, below Slack's limits for a header (150) and a section (3000). */
export const ROOM = { title: 140, alerts: 5, summary: 180, description: 400, label: 60 } as const;

/**
 * How an incident reads in Slack, in Alertmanager's templates: what and with which value, since when, what it means, and links
 * to dashboard, logs, runbook and silence. All pieces are cut before they are put together, so that the links are whole.
 */
export function slackTemplate(): string {
  return `${[TITLE, TEXT, LINKS, CIRCUMSTANCES].join('\n').trim()}\n`;
}

/** What a text of ours or a label holds cannot become a link, a channel or a person; as long as before, so limits hold. */
function plain(length: number): string {
  return `printf "%.${length}s" | reReplaceAll "[\\\\s]+" " " | reReplaceAll "<" "‹" | reReplaceAll ">" "›" | reReplaceAll "&" "+"`;
}

/** In one line, as white space would be told. */
function define(name: string, ...lines: string[]): string {
  return `{{ define "cleaver.${name}" }}${lines.join('')}{{ end }}`;
}

// Those that fire, else those that ended: the message is about them.
const TOLD = '{{ $told := .Alerts.Firing }}{{ if not $told }}{{ $told = .Alerts.Resolved }}{{ end }}';
const FIRST = `${TOLD}{{ $first := index $told 0 }}`;
const IS_FIRING = 'eq .Status "firing"';

const TITLE = [
  define(
    'sign',
    `{{ if not (${IS_FIRING}) }}✅{{ else if eq .CommonLabels.severity "page" }}🔥{{ else if eq .CommonLabels.severity "info" }}ℹ️{{ else }}⚠️{{ end }}`,
  ),
  define(
    'title',
    FIRST,
    `{{ template "cleaver.sign" . }} {{ if not (${IS_FIRING}) }}Over: {{ end }}`,
    `{{ or $first.Annotations.summary $first.Labels.alertname | ${plain(ROOM.title - 30)} }}`,
    '{{ if gt (len $told) 1 }} (of {{ len $told }}){{ end }}',
  ),
  define('title-link', FIRST, '{{ $first.Annotations.runbook_url }}'),
  define('fallback', '{{ template "cleaver.title" . }}'),
  define(
    'color',
    `{{ if not (${IS_FIRING}) }}good{{ else if eq .CommonLabels.severity "page" }}danger{{ else if eq .CommonLabels.severity "info" }}#439fe0{{ else }}warning{{ end }}`,
  ),
].join('\n');

const TEXT = define(
  'text',
  FIRST,
  `{{ $first.Annotations.description | ${plain(ROOM.description)} }}`,
  // The only one is told by the title; several are listed, and those that ended with how long they lasted.
  '{{ if gt (len .Alerts) 1 }}',
  '{{ range $at, $alert := .Alerts.Firing }}',
  `{{ if lt $at ${ROOM.alerts} }}\n• {{ or .Annotations.summary .Labels.alertname | ${plain(ROOM.summary)} }}{{ end }}{{ end }}`,
  `{{ if gt (len .Alerts.Firing) ${ROOM.alerts} }}\n• … {{ len .Alerts.Firing }} in all{{ end }}`,
  '{{ range $at, $alert := .Alerts.Resolved }}',
  `{{ if lt $at ${ROOM.alerts} }}\n• over after {{ template "cleaver.lasted" . }}: {{ or .Annotations.summary .Labels.alertname | ${plain(ROOM.summary)} }}{{ end }}{{ end }}`,
  `{{ if gt (len .Alerts.Resolved) ${ROOM.alerts} }}\n• … {{ len .Alerts.Resolved }} over in all{{ end }}`,
  '{{ end }}',
  '\n{{ template "cleaver.links" . }}',
);

/** From an hour before it began, so that what led to it is in the picture. */
const HOUR_BEFORE = '($first.StartsAt.Add -3600000000000)';

const LINKS = [
  define(
    'links',
    FIRST,
    `{{ with $first.Annotations.dashboard_url }}<{{ . }}?from={{ ${HOUR_BEFORE}.UnixMilli }}&amp;to=now|Dashboard>  ·  {{ end }}`,
    `{{ with $first.Annotations.logs_url }}<{{ . }}&amp;_g=(time:(from:%27{{ ${HOUR_BEFORE}.UTC.Format "2006-01-02T15:04:05.000Z" }}%27,to:now))|Logs>  ·  {{ end }}`,
    '{{ with $first.Annotations.runbook_url }}<{{ . }}|Runbook>{{ end }}',
    `{{ if ${IS_FIRING} }}  ·  <{{ template "cleaver.silence-link" . }}|Silence>{{ end }}`,
  ),
  // By what all alerts of the message share; other labels would only make the link long.
  define(
    'silence-link',
    '{{ .ExternalURL }}/#/silences/new?filter=%7B{{ $is_next := false }}',
    '{{ range .CommonLabels.SortedPairs }}',
    `{{ if and (match "^(alertname|subject|severity|node|model|step|task|workflow|host|mountpoint)$" .Name) (le (len .Value) ${ROOM.label}) }}`,
    '{{ if $is_next }}%2C{{ end }}{{ $is_next = true }}{{ .Name }}%3D%22{{ .Value | urlquery | reReplaceAll "[+]" "%20" }}%22',
    '{{ end }}{{ end }}%7D',
  ),
].join('\n');

const CIRCUMSTANCES = [
  define('severity', '{{ or .CommonLabels.severity "ticket" }}, {{ or .CommonLabels.subject "unknown subject" }}'),
  define('when-title', `{{ if ${IS_FIRING} }}Since{{ else }}Lasted{{ end }}`),
  define(
    'when',
    FIRST,
    // Slack shows it in the reader's own time zone.
    `{{ if ${IS_FIRING} }}<!date^{{ $first.StartsAt.Unix }}^{date_short_pretty} {time}|{{ $first.StartsAt.UTC.Format "2006-01-02 15:04 UTC" }}>`,
    '{{ else }}{{ template "cleaver.lasted" $first }}{{ end }}',
  ),
  define('lasted', '{{ ((.EndsAt.Sub .StartsAt).Round 1000000000).Seconds | humanizeDuration }}'),
].join('\n');
