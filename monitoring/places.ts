/** Addresses that a message links to, as the reader's browser reaches them. Yours to set; then `npm run monitoring`. */
export interface Places {
  /** Grafana, without a slash at the end. */
  grafanaUrl: string;
  /** OpenSearch Dashboards or Kibana. */
  logsUrl: string;
  /** The page of runbooks. */
  runbooksUrl: string;
}

/** The names that `kubectl port-forward` gives them; a server at home has its own, such as https://grafana.home.example. */
export const PLACES: Places = {
  grafanaUrl: 'http://localhost:3000',
  logsUrl: 'http://localhost:5601',
  runbooksUrl: 'https://github.com/OWNER/NAME/blob/main/docs/runbooks.md',
};

/** The dashboards' fixed names. */
export type Dashboard =
  'cleaver-home-server' | 'cleaver-service' | 'cleaver-model' | 'cleaver-pipeline' | 'cleaver-business';

export function dashboardUrl({ grafanaUrl }: Places, dashboard: Dashboard): string {
  return `${grafanaUrl}/d/${dashboard}`;
}

/** Lines of the index `cleaver-logs` that a query in KQL finds. A time can be put behind as `&_g=(time:(from:'…',to:now))`. */
export function logsUrl({ logsUrl: base }: Places, query: string): string {
  // Rison, the applications' own: a text ends at a quote, and `!` escapes. OpenSearch Dashboards also takes this older form.
  const text = encodeURIComponent(query.replaceAll('!', '!!').replaceAll("'", "!'")).replaceAll("'", '%27');
  return `${base}/app/discover#/?_a=(index:cleaver-logs,query:(language:kuery,query:%27${text}%27))`;
}

/** A section of the page of runbooks, as GitHub names it. */
export function runbookUrl({ runbooksUrl }: Places, alert: string): string {
  return `${runbooksUrl}#${alert.toLowerCase()}`;
}
