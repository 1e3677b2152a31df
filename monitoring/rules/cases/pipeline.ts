import { type AlertCase, type Cases, HOME, series } from './alert-case.ts';

const SHOP = { ...HOME, model: 'shop' };
const ETL = { ...SHOP, step: 'etl' };
const SCHEDULE = { ...HOME, workflow: 'etl.yml', cron: '17 2 * * *' };
const RUNNER = { ...HOME, name: 'actions.runner.home.service', state: 'active', type: 'simple' };
const HOST = { ...HOME, host: 'cleaver.example' };
const written = series('cleaver_state_written_timestamp_seconds', HOME);
const backup = series('cleaver_task_last_success_timestamp_seconds', { ...HOME, task: 'backup' });
const HOUR = 3600;

/** Of the pipeline's alerts. promtool's clock begins at 0, so a timestamp of 0 is as old as the test. */
export const PIPELINE_CASES: Cases = {
  DataStale: aged('cleaver_mart_newest_day_timestamp_seconds', SHOP, {
    at: 41,
    quietAt: 39,
    because: 'GitHub started it late in the morning',
    summary: 'The data of shop ends 1d 17h 0m 0s ago',
  }),
  StepOverdue: aged('cleaver_step_last_success_timestamp_seconds', ETL, {
    at: 37,
    quietAt: 35,
    because: 'the second run is late, and not missing',
    summary: 'The step etl of shop succeeded last 1d 13h 0m 0s ago',
  }),
  ScheduleMissed: aged('cleaver_schedule_next_due_timestamp_seconds', SCHEDULE, {
    at: 4,
    quietAt: 2,
    because: 'GitHub is late by two hours',
    summary: 'The schedule of etl.yml (17 2 * * *) is 4h 0m 0s late',
  }),
  RunnerOffline: {
    every: '1m',
    fires: {
      series: { [series('node_systemd_unit_state', RUNNER)]: '0x30 1x10' },
      at: '20m',
      over: '35m',
      told: [{ labels: RUNNER, summary: 'The runner actions.runner.home.service is not active (state is 0)' }],
    },
    quiet: {
      because: 'it has updated itself',
      series: { [series('node_systemd_unit_state', RUNNER)]: '0x5 1x40' },
      at: '20m',
    },
  },
  QuarantineGrowing: {
    every: '1h',
    fires: {
      series: { [series('cleaver_quarantine_lines', SHOP)]: '10x10 500x40' },
      at: '12h',
      over: '40h',
      told: [{ labels: SHOP, summary: '490 lines of shop went into quarantine within a day' }],
    },
    quiet: {
      because: 'a process was killed',
      series: { [series('cleaver_quarantine_lines', SHOP)]: '10x10 20x40' },
      at: '12h',
    },
  },
  BackupOld: aged(
    'cleaver_task_last_success_timestamp_seconds',
    { ...HOME, task: 'backup' },
    {
      at: 37,
      quietAt: 35,
      because: 'the second one is late, and not missing',
      summary: 'The last backup that succeeded is 1d 13h 0m 0s old',
    },
  ),
  BackupNeverRan: {
    every: '1h',
    fires: {
      series: { [written]: '0+3600x70', [backup]: '_x55 198000x15' },
      at: '49h',
      over: '56h',
      told: [{ labels: HOME, summary: 'No backup has ever succeeded, as of 1970-01-03 01:00:00 +0000 UTC' }],
    },
    quiet: { because: 'there has been one', series: { [written]: '0+3600x70', [backup]: '0x70' }, at: '49h' },
  },
  DynamicDnsOld: aged(
    'cleaver_task_last_success_timestamp_seconds',
    { ...HOME, task: 'dynamic-dns' },
    {
      at: 3,
      quietAt: 1,
      because: 'the provider had an hour off',
      summary: 'The address in the DNS was last confirmed 3h 0m 0s ago',
    },
  ),
  CertificateEnds: certificate('10d', {
    at: 198,
    because: 'two days and six hours are a ticket',
    quietAt: 186,
    summary: 'The certificate of cleaver.example ends in 1d 18h 0m 0s',
  }),
  CertificateEndsSoon: certificate('20d', {
    at: 156,
    because: 'it is renewed two weeks before its end at the latest',
    quietAt: 138,
    summary: 'The certificate of cleaver.example ends in 13d 12h 0m 0s',
  }),
  StateMetricsOld: aged('cleaver_state_written_timestamp_seconds', HOME, {
    at: 14,
    quietAt: 12,
    because: 'one of four runs of watch a day was missed',
    summary: 'The figures about pipeline and models are 14h 0m 0s old',
  }),
  StateMetricsMissing: {
    every: '1m',
    fires: {
      series: { [series('up', HOME)]: '1x90', [written]: '_x50 3000x40' },
      at: '40m',
      over: '55m',
      told: [{ labels: {}, summary: '0 figures about pipeline and models reach Prometheus' }],
    },
    quiet: { because: 'the whole machine is down', series: { [series('up', HOME)]: '0x90' }, at: '40m' },
  },
};

interface Ages {
  at: number;
  quietAt: number;
  because: string;
  summary: string;
}

/** A timestamp that stands still, in hours, and is set again an hour after it was told. */
function aged(name: string, labels: Record<string, string>, { at, quietAt, because, summary }: Ages): AlertCase {
  const of = series(name, labels);
  return {
    every: '1h',
    fires: {
      series: { [of]: `0x${at} ${(at + 1) * HOUR}x10` },
      at: `${at}h`,
      over: `${at + 1}h`,
      told: [{ labels, summary }],
    },
    quiet: { because, series: { [of]: `0x${at}` }, at: `${quietAt}h` },
  };
}

/** One that ends after so many days, and is renewed six hours after it was told. */
function certificate(ends: `${number}d`, { at, quietAt, because, summary }: Ages): AlertCase {
  const of = series('cleaver_certificate_expiry_timestamp_seconds', HOST);
  const end = Number.parseInt(ends) * 24 * HOUR;
  return {
    every: '6h',
    fires: {
      series: { [of]: `${end}x${at / 6} ${end + 90 * 24 * HOUR}x10` },
      at: `${at}h`,
      over: `${at + 6}h`,
      told: [{ labels: HOST, summary }],
    },
    quiet: { because, series: { [of]: `${end}x${at / 6}` }, at: `${quietAt}h` },
  };
}
