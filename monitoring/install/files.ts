import { stringify } from 'yaml';
import { alertmanagerConfig } from '../alertmanager/files.ts';
import { slackTemplate } from '../alertmanager/slack-template.ts';
import { prometheusRules } from '../rules/files.ts';

/** The secret with `slack-url` and `heartbeat-url`, and where the operator puts it and the configuration. */
const SECRET = 'cleaver-alerts';
const SECRETS = `/etc/alertmanager/secrets/${SECRET}`;

/** Values for other people's charts, where the small one of ours is not enough; versions are in docs/monitoring.md. */
export function installFiles(): Record<string, string> {
  return {
    'install/kube-prometheus-stack.yaml': stringify(stackValues(), { lineWidth: 0 }),
    'install/opensearch.yaml': stringify(opensearchValues(), { lineWidth: 0 }),
    'install/opensearch-dashboards.yaml': stringify(dashboardsValues(), { lineWidth: 0 }),
  };
}

function stackValues() {
  const off = { enabled: false };
  return {
    // k3s runs these within one process, with nothing to scrape; their rules go with them.
    ...{ kubeControllerManager: off, kubeScheduler: off, kubeProxy: off, kubeEtcd: off },
    defaultRules: {
      rules: {
        ...{ etcd: false, kubeControllerManager: false, kubeProxy: false },
        ...{ kubeSchedulerAlerting: false, kubeSchedulerRecording: false },
        // Ours are these; two alerts for one cause are one too many.
        ...{
          alertmanager: false,
          general: false,
          node: false,
          nodeExporterAlerting: false,
          nodeExporterRecording: false,
        },
      },
    },
    additionalPrometheusRulesMap: Object.fromEntries(
      prometheusRules({}).map(({ metadata, spec }) => [metadata.name, spec]),
    ),
    prometheus: {
      prometheusSpec: {
        ...{ retention: '30d', retentionSize: '4GB' },
        // Monitors and rules of every release, not of its own only.
        ...{ serviceMonitorSelectorNilUsesHelmValues: false, ruleSelectorNilUsesHelmValues: false },
        storageSpec: claim('5Gi'),
        resources: { requests: { cpu: '100m', memory: '400Mi' }, limits: { memory: '1Gi' } },
      },
    },
    alertmanager: {
      config: alertmanagerConfig({
        slackUrlFile: `${SECRETS}/slack-url`,
        heartbeatUrlFile: `${SECRETS}/heartbeat-url`,
        templates: '/etc/alertmanager/config/*.tmpl',
      }),
      templateFiles: { 'slack.tmpl': slackTemplate() },
      alertmanagerSpec: {
        secrets: [SECRET],
        storage: claim('100Mi'),
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
      },
    },
    'prometheus-node-exporter': {
      extraArgs: [
        '--collector.textfile.directory=/host/root/var/lib/cleaver/metrics',
        '--collector.systemd',
        '--collector.systemd.unit-include=^(actions\\.runner\\..+|k3s|k3s-agent)\\.service$',
      ],
      env: { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/host/root/run/dbus/system_bus_socket' },
      prometheus: {
        monitor: {
          // The names by which our rules know the machine.
          relabelings: [
            { targetLabel: 'job', replacement: 'node' },
            { sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' },
          ],
        },
      },
    },
    grafana: {
      // A hundred dashboards about Kubernetes hide the five that matter.
      defaultDashboardsEnabled: false,
      admin: { existingSecret: 'cleaver-grafana', userKey: 'admin-user', passwordKey: 'admin-password' },
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    },
  };
}

function claim(storage: string) {
  return {
    volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } },
  };
}

function opensearchValues() {
  return {
    ...{ singleNode: true, replicas: 1 },
    // Half of the limit, as the other half is for the files it reads.
    opensearchJavaOpts: '-Xms512m -Xmx512m',
    resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '1Gi' } },
    persistence: { size: '10Gi' },
    // It is reached from inside the cluster alone; who wants passwords and TLS takes this out.
    config: { 'opensearch.yml': 'plugins.security.disabled: true\nnetwork.host: 0.0.0.0\n' },
    extraEnvs: [{ name: 'DISABLE_INSTALL_DEMO_CONFIG', value: 'true' }],
  };
}

function dashboardsValues() {
  return {
    opensearchHosts: 'http://opensearch-cluster-master:9200',
    extraEnvs: [{ name: 'DISABLE_SECURITY_DASHBOARDS_PLUGIN', value: 'true' }],
    resources: { requests: { cpu: '50m', memory: '512Mi' }, limits: { memory: '512Mi' } },
  };
}
