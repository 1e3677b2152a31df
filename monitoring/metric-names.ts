import { STATE_METRICS } from '../pipelines/adapters/state-metrics-names.ts';
import { createMetrics } from '../service/metrics/metrics.ts';
import { GROUPS } from './rules/alerts.ts';
import { timing } from './thresholds.ts';

/** Of the node exporter, those that we ask for. */
export const NODE_METRICS = [
  'node_boot_time_seconds',
  'node_cpu_seconds_total',
  'node_disk_io_time_seconds_total',
  'node_disk_read_bytes_total',
  'node_disk_written_bytes_total',
  'node_filesystem_avail_bytes',
  'node_filesystem_size_bytes',
  'node_load1',
  'node_load15',
  'node_memory_Buffers_bytes',
  'node_memory_Cached_bytes',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemTotal_bytes',
  'node_network_receive_bytes_total',
  'node_network_receive_drop_total',
  'node_network_receive_errs_total',
  'node_network_transmit_bytes_total',
  'node_network_transmit_drop_total',
  'node_network_transmit_errs_total',
  'node_textfile_scrape_error',
  'node_time_seconds',
  'node_timex_offset_seconds',
  'node_vmstat_oom_kill',
] as const;

/** Of the same, where it has a systemd to ask. */
const SYSTEMD_METRICS = ['node_systemd_unit_state'];
/** Of Prometheus and Alertmanager themselves, those that we ask for. */
const PROMETHEUS_METRICS = [
  'ALERTS',
  'alertmanager_config_last_reload_successful',
  'alertmanager_notifications_failed_total',
  'alertmanager_notifications_total',
  'prometheus_config_last_reload_successful',
  'prometheus_notifications_alertmanagers_discovered',
  'prometheus_notifications_dropped_total',
  'prometheus_rule_evaluation_failures_total',
  'up',
];

/** The names of all series that can be asked for: what service and state really have, our recordings, and those of others. */
export async function metricNames(): Promise<ReadonlySet<string>> {
  const recordings = GROUPS.flatMap(({ recordings: of }) => of?.(timing()) ?? []).map(({ record }) => record);
  return new Set([
    ...(await serviceNames()),
    ...Object.keys(STATE_METRICS),
    ...recordings,
    ...NODE_METRICS,
    ...SYSTEMD_METRICS,
    ...PROMETHEUS_METRICS,
  ]);
}

/** The names of the metrics in an expression of PromQL. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  const words = [...bare.matchAll(/(?<![\w.$:])([a-zA-Z_:][\w:]*)\b(?!\s*\()/g)].map(([word]) => word);
  return [...new Set(words)].filter(
    (word) => !/^(?:and|or|unless|bool|offset|by|without|on|ignoring|group_left|group_right|inf|nan)$/i.test(word),
  );
}

async function serviceNames(): Promise<string[]> {
  const metrics = createMetrics();
  const state = { written: 0, dropped: 0, waitingBytes: 0, files: 0, problem: undefined };
  metrics.watch({
    models: { statuses: () => [] },
    recorder: { record: () => undefined, outcomes: () => undefined, state, close: () => Promise.resolve() },
    waitingRows: 1,
  });
  // What a histogram is called is the name of none of its series.
  return (await metrics.values()).flatMap(({ name, type }) =>
    String(type) === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
  );
}
