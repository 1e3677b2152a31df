import type { Dashboard } from './dashboard.ts';
import { LINES } from './lines.ts';

const LOGS = 'host.name: *';
/** Real disks and cards: what lives in memory or belongs to a container says nothing. */
const FILESYSTEMS =
  'fstype!~"tmpfs|ramfs|overlay|squashfs|nsfs|fuse.*|devtmpfs|iso9660",mountpoint!~"/(run|var/lib/(kubelet|docker|containerd))/.*"';
const DISKS = 'device!~"(loop|ram|zram|dm-|sr).*"';
const CARDS = 'device!~"lo|(veth|cni|flannel|docker|br-|cali|tun|virbr).*"';

/** The machine under all of it, in real time. */
export const HOME_SERVER: Dashboard = {
  uid: 'cleaver-home-server',
  title: 'Cleaver: home server',
  description: 'Processor, memory, disks and network of the machine, every ten seconds.',
  refresh: '10s',
  from: 'now-30m',
  byModel: false,
  rows: [
    {
      title: 'Alerts and time',
      panels: [
        {
          title: 'Alerts that fire',
          description: 'By severity, of everything that is watched. Each has a runbook.',
          unit: 'short',
          line: LINES.any,
          queries: [{ expr: 'sum by (severity) (ALERTS{alertstate="firing"}) or vector(0)', legend: '{{severity}}' }],
          logs: 'log.level: (warn or error or fatal)',
        },
        {
          title: 'Time since the start',
          description: 'A machine that started of itself has lost its power, crashed, or taken in updates.',
          unit: 's',
          line: LINES.rebootSeconds,
          queries: [{ expr: 'node_time_seconds - node_boot_time_seconds', legend: '{{instance}}' }],
          logs: LOGS,
        },
        {
          title: 'Clock off by',
          description: 'Against NTP. Certificates, tokens and times in logs suffer from it.',
          unit: 's',
          line: LINES.clockOffsetSeconds,
          queries: [{ expr: 'abs(node_timex_offset_seconds)', legend: '{{instance}}' }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'Processor',
      panels: [
        {
          title: 'Processor busy',
          description: 'Of all its cores. A training may use them all for a while.',
          unit: 'percentunit',
          line: LINES.cpuBusyShare,
          queries: [
            {
              expr: 'clamp(1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval])), 0, 1)',
              legend: '{{instance}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Busy with',
          description:
            'user: programs; system: the kernel; iowait: idle because of a slow disk; steal: taken by another guest.',
          unit: 'percentunit',
          line: LINES.cpuBusyShare,
          queries: [
            {
              expr: 'clamp(avg by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval])), 0, 1)',
              legend: '{{mode}}',
            },
          ],
          logs: LOGS,
          isStacked: true,
        },
        {
          title: 'Load for each core',
          description: 'Processes that run or wait, by core. Over 1 they wait for each other.',
          unit: 'none',
          line: LINES.loadPerCpu,
          queries: [1, 15].map((minutes) => ({
            expr: `node_load${minutes} / on (instance) count by (instance) (node_cpu_seconds_total{mode="idle"})`,
            legend: `{{instance}}, ${minutes} min`,
          })) as [{ expr: string; legend: string }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'Memory',
      panels: [
        {
          title: 'Memory to be had',
          description: 'Without swapping, of all that there is.',
          unit: 'percentunit',
          line: LINES.memoryFreeShare,
          queries: [{ expr: 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes', legend: '{{instance}}' }],
          logs: LOGS,
        },
        {
          title: 'Memory in use',
          description: 'By programs, and by files that the kernel keeps and gives up when it must.',
          unit: 'percentunit',
          line: LINES.memoryUsedShare,
          queries: [
            {
              expr: '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes',
              legend: '{{instance}} programs',
            },
            {
              expr: '(node_memory_Cached_bytes + node_memory_Buffers_bytes) / node_memory_MemTotal_bytes',
              legend: '{{instance}} files',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Programs ended for want of memory',
          description: 'Within an hour, by the kernel.',
          unit: 'short',
          line: LINES.any,
          queries: [{ expr: 'increase(node_vmstat_oom_kill[1h])', legend: '{{instance}}' }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'Disks',
      panels: [
        {
          title: 'Disk free',
          description: 'Share of each disk. Below the line the next big sort of the database fails.',
          unit: 'percentunit',
          line: LINES.diskFreeShare,
          queries: [
            {
              expr: `node_filesystem_avail_bytes{${FILESYSTEMS}} / node_filesystem_size_bytes{${FILESYSTEMS}}`,
              legend: '{{instance}} {{mountpoint}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Disk free in six hours',
          description: 'Where it ends if it goes on as within the last hour. At the line nothing is left.',
          unit: 'percentunit',
          line: LINES.diskFreeLater,
          queries: [
            {
              expr: `clamp(predict_linear(node_filesystem_avail_bytes{${FILESYSTEMS}}[1h], 6 * 3600) / node_filesystem_size_bytes{${FILESYSTEMS}}, 0, 1)`,
              legend: '{{instance}} {{mountpoint}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Disk busy',
          description: 'Share of the time in which a disk has something to do. Near 1 all wait for it.',
          unit: 'percentunit',
          line: LINES.diskBusyShare,
          queries: [
            {
              expr: `clamp(rate(node_disk_io_time_seconds_total{${DISKS}}[$__rate_interval]), 0, 1)`,
              legend: '{{instance}} {{device}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Read and written',
          description: 'By disk.',
          unit: 'Bps',
          line: LINES.diskBytesPerSecond,
          queries: [
            {
              expr: `rate(node_disk_read_bytes_total{${DISKS}}[$__rate_interval])`,
              legend: '{{instance}} {{device}} read',
            },
            {
              expr: `rate(node_disk_written_bytes_total{${DISKS}}[$__rate_interval])`,
              legend: '{{instance}} {{device}} written',
            },
          ],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'Network',
      panels: [
        {
          title: 'Received and sent',
          description: 'By card of the machine, without what stays within it.',
          unit: 'bps',
          line: LINES.networkBitsPerSecond,
          queries: [
            {
              expr: `rate(node_network_receive_bytes_total{${CARDS}}[$__rate_interval]) * 8`,
              legend: '{{instance}} {{device}} received',
            },
            {
              expr: `rate(node_network_transmit_bytes_total{${CARDS}}[$__rate_interval]) * 8`,
              legend: '{{instance}} {{device}} sent',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Packets lost',
          description: 'Damaged or dropped, in both directions: a bad cable, or more than the machine can take.',
          unit: 'pps',
          line: LINES.any,
          queries: [
            {
              expr: ['receive_errs', 'receive_drop', 'transmit_errs', 'transmit_drop']
                .map((kind) => `rate(node_network_${kind}_total{${CARDS}}[$__rate_interval])`)
                .join(' + '),
              legend: '{{instance}} {{device}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Runner at work',
          description: 'Whether the unit of the runner of GitHub is active. Without it no workflow runs here.',
          unit: 'bool_yes_no',
          line: LINES.isGood,
          queries: [{ expr: 'node_systemd_unit_state{name=~"actions.runner.*",state="active"}', legend: '{{name}}' }],
          logs: LOGS,
        },
      ],
    },
  ],
};
