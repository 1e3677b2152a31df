import { type AlertCase, type Cases, HOME, series } from './alert-case.ts';

const DISK = { ...HOME, device: '/dev/sda1', fstype: 'ext4', mountpoint: '/' };
const up = series('up', HOME);
const idle = series('node_cpu_seconds_total', { ...HOME, cpu: '0', mode: 'idle' });

/** Of the machine's alerts. */
export const MACHINE_CASES: Cases = {
  MachineDown: {
    every: '1m',
    fires: {
      series: { [up]: '1x5 0x10 1x10' },
      at: '12m',
      over: '24m',
      told: [{ labels: HOME, summary: 'The machine home is down (up is 0)' }],
    },
    quiet: { because: 'it only rebooted', series: { [up]: '1x5 0x3 1x10' }, at: '15m' },
  },
  DiskFullInHours: {
    every: '1m',
    fires: {
      // 3 GB an hour, 11 GB left.
      series: disk('14000000000-50000000x100 9000000000x100'),
      at: '1h',
      over: '175m',
      told: [{ labels: DISK, summary: '/ will be full within hours: 11% is free' }],
    },
    quiet: {
      because: 'it fills as fast, and most is free',
      series: disk('60000000000-50000000x100'),
      at: '1h',
    },
  },
  DiskFullInDays: {
    every: '10m',
    fires: {
      // 12 GB a day, 26 GB left.
      series: disk('38000000000-83333333x216 20000000000x300'),
      at: '24h',
      over: '62h',
      told: [{ labels: DISK, summary: '/ will be full within days: 26% is free' }],
    },
    quiet: { because: 'at that pace it lasts a month', series: disk('38000000000-8333333x216'), at: '24h' },
  },
  DiskFull: {
    every: '1m',
    fires: {
      series: disk('4000000000x30 20000000000x30'),
      at: '20m',
      over: '35m',
      told: [{ labels: DISK, summary: '4% of / is free' }],
    },
    quiet: {
      because: 'it lives in memory',
      series: disk('4000000000x30', { ...DISK, fstype: 'tmpfs', mountpoint: '/dev/shm' }),
      at: '20m',
    },
  },
  MachineMemoryShort: {
    every: '1m',
    fires: {
      series: memory('500000000x30 4000000000x30'),
      at: '20m',
      over: '35m',
      told: [{ labels: HOME, summary: '5% of the memory of home is left' }],
    },
    quiet: { because: 'a training had it for ten minutes', series: memory('500000000x10 4000000000x30'), at: '20m' },
  },
  MemoryRanOut: {
    every: '1m',
    fires: {
      series: { [series('node_vmstat_oom_kill', HOME)]: '0x5 2x120' },
      at: '1h',
      over: '110m',
      told: [{ labels: HOME, summary: 'The kernel ended 2 processes within an hour because memory ran out' }],
    },
    quiet: { because: 'that was long ago', series: { [series('node_vmstat_oom_kill', HOME)]: '2x120' }, at: '1h' },
  },
  MachineBusy: {
    every: '1m',
    fires: {
      series: { [idle]: '0+1x300 355+55x60' },
      at: '250m',
      over: '320m',
      told: [{ labels: HOME, summary: 'The processors of home are busy to 98.33%, for hours' }],
    },
    quiet: { because: 'it is a training of three hours', series: { [idle]: '0+1x180 235+55x120' }, at: '250m' },
  },
  ClockWrong: held('node_timex_offset_seconds', {
    bad: '-2x20 0.001x20',
    good: '0.01x40',
    because: 'so much NTP allows itself',
    summary: 'The clock of home is off by 2s',
  }),
  MachineRebooted: {
    every: '1m',
    fires: {
      series: { [series('node_time_seconds', HOME)]: '1000+60x60', [series('node_boot_time_seconds', HOME)]: '900x60' },
      at: '5m',
      over: '20m',
      told: [{ labels: HOME, summary: 'The machine home started 6m 40s ago' }],
    },
    quiet: {
      because: 'it has been up for a day',
      series: { [series('node_time_seconds', HOME)]: '86400+60x60', [series('node_boot_time_seconds', HOME)]: '0x60' },
      at: '5m',
    },
  },
  MetricFilesUnreadable: held('node_textfile_scrape_error', {
    bad: '1x20 0x20',
    good: '1x5 0x40',
    because: 'it was read while it was written',
    summary: 'node exporter could not read the files of metrics (errors: 1)',
  }),
};

function disk(free: string, labels: Record<string, string> = DISK): Record<string, string> {
  return {
    [series('node_filesystem_avail_bytes', labels)]: free,
    [series('node_filesystem_size_bytes', labels)]: '100000000000x600',
  };
}

function memory(available: string): Record<string, string> {
  return {
    [series('node_memory_MemAvailable_bytes', HOME)]: available,
    [series('node_memory_MemTotal_bytes', HOME)]: '10000000000x100',
  };
}

function held(
  name: string,
  { bad, good, because, summary }: Record<'bad' | 'good' | 'because' | 'summary', string>,
): AlertCase {
  const of = series(name, HOME);
  return {
    every: '1m',
    fires: { series: { [of]: bad }, at: '18m', over: '25m', told: [{ labels: HOME, summary }] },
    quiet: { because, series: { [of]: good }, at: '18m' },
  };
}
