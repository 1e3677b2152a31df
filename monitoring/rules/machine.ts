import { THRESHOLDS, type Timing } from '../thresholds.ts';
import { type Alert, duration, type RuleGroup } from './alert.ts';

const ofMachine = { dashboard: 'cleaver-home-server', logs: 'log.level: error' } as const;
/** Real disks: what lives in memory or belongs to a container is full by nature. */
const DISKS =
  'fstype!~"tmpfs|ramfs|overlay|squashfs|nsfs|fuse.*|devtmpfs|iso9660",mountpoint!~"/(run|var/lib/(kubelet|docker|containerd))/.*"';
const FREE = `node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes{${DISKS}}`;

/** The machines under all of it. */
export const MACHINE: RuleGroup = {
  subject: 'machine',
  alerts: (timing): Alert[] => [
    {
      ...ofMachine,
      name: 'MachineDown',
      severity: 'page',
      expr: 'up{job="node"} == 0',
      for: timing.machineDownFor,
      keepFor: timing.machineDownKeep,
      summary: 'The machine {{ or $labels.node $labels.instance }} is down (up is {{ $value }})',
      description:
        'Its node exporter does not answer. Other alerts about it are silent until five minutes after it is back.',
      runbook: {
        means: 'The machine is off, hangs, or is cut off from the network; or only its node exporter has ended.',
        look: ['`ping` it and `ssh` to it. Does its screen show anything? Does the router see it?'],
        do: [
          'It answers: `kubectl -n monitoring get pods`, or `systemctl status prometheus-node-exporter`.',
          'It does not: power it off and on. Everything of Cleaver’s starts by itself; look at _Pipeline_ afterwards.',
        ],
      },
    },
    diskAlert(timing, 'page'),
    diskAlert(timing, 'ticket'),
    {
      ...ofMachine,
      name: 'DiskFull',
      severity: 'page',
      expr: `${FREE} < ${THRESHOLDS.diskFreeShareLeast}`,
      for: timing.diskFor,
      summary: '{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} is free',
      description: 'Steps, database and service fail at their next big write.',
      runbook: diskRunbook('Hardly anything is free, whatever the trend.'),
    },
    {
      ...ofMachine,
      name: 'MachineMemoryShort',
      severity: 'ticket',
      expr: `node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < ${THRESHOLDS.memoryFreeShare}`,
      for: timing.memoryFor,
      summary: '{{ $value | humanizePercentage }} of the memory of {{ or $labels.node $labels.instance }} is left',
      description: 'The kernel is about to end something, most likely the training or the service.',
      runbook: {
        means: 'Little memory can be had without swapping.',
        look: ['`ps aux --sort -rss | head`, `kubectl top pods -A`.'],
        do: ['End what is not needed. A training: smaller `windowDays`, or a limit of memory for the runner’s unit.'],
      },
    },
    {
      ...ofMachine,
      name: 'MemoryRanOut',
      severity: 'ticket',
      expr: `increase(node_vmstat_oom_kill[${duration(timing.countWindow)}]) > 0`,
      summary: 'The kernel ended {{ $value | printf "%.0f" }} processes within an hour because memory ran out',
      description: 'Something was cut off in the middle of its work. A step of Cleaver’s can be run again.',
      runbook: {
        means: 'Memory of the machine, or of a container’s limit, ran out.',
        look: ['`journalctl -k --grep "Killed process"` names it.'],
        do: ['Give it more, or make it need less; start the step again.'],
      },
    },
    {
      ...ofMachine,
      name: 'MachineBusy',
      severity: 'ticket',
      expr: `1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="idle"}[${duration(timing.cpuWindow)}])) > ${THRESHOLDS.cpuBusyShare}`,
      for: timing.cpuBusyFor,
      summary:
        'The processors of {{ or $labels.node $labels.instance }} are busy to {{ $value | humanizePercentage }}, for hours',
      description: 'Longer than any training should take.',
      runbook: {
        means: 'All processors have been busy for hours.',
        look: ['`top`; GitHub’s _Actions_: does a job hang?'],
        do: ['Cancel the job. If it is a real training: fewer rows or trees, or its own machine.'],
      },
    },
    {
      ...ofMachine,
      name: 'ClockWrong',
      severity: 'ticket',
      expr: `abs(node_timex_offset_seconds) > ${THRESHOLDS.clockOffsetSeconds}`,
      for: timing.clockFor,
      summary: 'The clock of {{ or $labels.node $labels.instance }} is off by {{ $value | humanizeDuration }}',
      description: 'Schedules, certificates and every “since when” are off with it.',
      runbook: {
        means: 'The clock is not held by NTP.',
        look: ['`timedatectl` and `systemctl status systemd-timesyncd chronyd`.'],
        do: ['`timedatectl set-ntp true`; see that UDP port 123 gets out.'],
      },
    },
    {
      ...ofMachine,
      name: 'MachineRebooted',
      severity: 'info',
      expr: `node_time_seconds - node_boot_time_seconds < ${timing.rebootWindow}`,
      summary: 'The machine {{ or $labels.node $labels.instance }} started {{ $value | humanizeDuration }} ago',
      description: 'Nothing to do if it was you or an update at night.',
      runbook: {
        means: 'The machine started anew.',
        look: ['`last -x reboot shutdown`, `journalctl -b -1 -e`: updates, a power cut, a crash?'],
        do: ['After a power cut: look at _Pipeline_ for steps that were cut off, and think of a battery.'],
      },
    },
    {
      ...ofMachine,
      name: 'MetricFilesUnreadable',
      severity: 'ticket',
      expr: 'node_textfile_scrape_error > 0',
      for: timing.meta,
      summary: 'node exporter could not read the files of metrics (errors: {{ $value }})',
      description: 'Nothing about pipeline and models comes from this machine, so neither do alerts.',
      runbook: {
        means: 'A file in `CLEAVER_HOME/metrics` is damaged or not readable for node exporter.',
        look: ['The log of node exporter names the file.'],
        do: ['Remove it and write it anew by `npx cleaver metrics`; mend its rights (readable for all).'],
      },
    },
  ],
};

function diskAlert(timing: Timing, severity: 'page' | 'ticket'): Alert {
  const isPage = severity === 'page';
  const trend = duration(isPage ? timing.diskTrendPage : timing.diskTrendTicket);
  const ahead = isPage ? timing.diskFullInPage : timing.diskFullInTicket;
  const share = isPage ? THRESHOLDS.diskFreeSharePage : THRESHOLDS.diskFreeShareTicket;
  const within = isPage ? 'hours' : 'days';
  return {
    ...ofMachine,
    name: isPage ? 'DiskFullInHours' : 'DiskFullInDays',
    severity,
    expr: [
      `${FREE} < ${share}`,
      `and predict_linear(node_filesystem_avail_bytes{${DISKS}}[${trend}], ${ahead}) < 0`,
    ].join('\n'),
    for: timing.diskFor,
    summary: `{{ $labels.mountpoint }} will be full within ${within}: {{ $value | humanizePercentage }} is free`,
    description: `As fast as it filled lately, nothing is left within ${within}.`,
    runbook: diskRunbook(`By its trend the disk is full within ${isPage ? 'six hours' : 'four days'}.`),
  };
}

function diskRunbook(means: string): Alert['runbook'] {
  return {
    means,
    look: [
      '`du -xh --max-depth 2 / | sort -h | tail -20` and `du -h --max-depth 1 $CLEAVER_HOME`.',
      'Did a log, a backup or the image store begin to grow? `journalctl --disk-usage`, `crictl images`.',
    ],
    do: [
      '`journalctl --vacuum-size 500M`, `k3s crictl rmi --prune`, old backups.',
      'In `CLEAVER_HOME`: old files of `deliveries/`. Never `mart/`, `registry/` or `runs/` by hand.',
      'The logs’ store: shorten its retention.',
    ],
  };
}
