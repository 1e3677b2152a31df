import { stringify } from 'yaml';

/** What is scraped, and where alerts are sent; for a test with targets and intervals of its own. */
export interface PrometheusConfig {
  scrapeInterval: string;
  /** By job; without it pods are found in the cluster. */
  targets?: Readonly<Record<Job, string>>;
  /** The files of rules, as globs. */
  ruleFiles: string[];
  /** `host:port` of Alertmanager. */
  alertmanager: string;
}

export type Job = 'cleaver' | 'node' | 'prometheus' | 'alertmanager';

const IN_CLUSTER: PrometheusConfig = {
  scrapeInterval: '30s',
  ruleFiles: ['/etc/prometheus/rules/*.yaml'],
  alertmanager: 'alertmanager:9093',
};

/** The configuration of the chart's Prometheus. */
export function prometheusFiles(): Record<string, string> {
  return { 'prometheus/prometheus.yml': prometheusYaml(IN_CLUSTER) };
}

/** A configuration of Prometheus. */
export function prometheusYaml({ scrapeInterval, targets, ruleFiles, alertmanager }: PrometheusConfig): string {
  const jobs = targets === undefined ? podJobs(alertmanager) : fixedJobs(targets);
  return stringify(
    {
      // As often as values come: an alert is late by both.
      global: { scrape_interval: scrapeInterval, evaluation_interval: scrapeInterval },
      rule_files: ruleFiles,
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
      scrape_configs: jobs,
    },
    { lineWidth: 0 },
  );
}

/** `node` says on which machine a target is, so that a machine that is down can silence what was on it. */
function fixedJobs(targets: Readonly<Record<Job, string>>) {
  return Object.entries(targets).map(([job, target]) => ({
    job_name: job,
    static_configs: [{ targets: [target], labels: { node: 'home' } }],
  }));
}

function podJobs(alertmanager: string) {
  return [
    podJob('cleaver', { name: 'cleaver', component: 'service' }, 'metrics'),
    podJob('node', { name: 'cleaver-monitoring', component: 'node-exporter' }, 'metrics'),
    { job_name: 'prometheus', static_configs: [{ targets: ['127.0.0.1:9090'] }] },
    { job_name: 'alertmanager', static_configs: [{ targets: [alertmanager] }] },
  ];
}

function podJob(job: string, labels: { name: string; component: string }, port: string) {
  const keep = (source: string, regex: string) => ({ source_labels: [source], regex, action: 'keep' });
  const copy = (source: string, target: string) => ({ source_labels: [source], target_label: target });
  return {
    job_name: job,
    kubernetes_sd_configs: [{ role: 'pod' }],
    relabel_configs: [
      ...Object.entries(labels).map(([label, value]) =>
        keep(`__meta_kubernetes_pod_label_app_kubernetes_io_${label}`, value),
      ),
      keep('__meta_kubernetes_pod_container_port_name', port),
      // One that has ended is no target that is down.
      { source_labels: ['__meta_kubernetes_pod_phase'], regex: 'Succeeded|Failed', action: 'drop' },
      copy('__meta_kubernetes_namespace', 'namespace'),
      copy('__meta_kubernetes_pod_name', 'pod'),
      copy('__meta_kubernetes_pod_node_name', 'node'),
    ],
  };
}
