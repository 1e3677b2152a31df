import { HOME, series, SERVICE_A } from '../cases/alert-case.ts';
import { effectAt, MONTH } from './incidents.ts';

/** A month of values by series, one each step; `undefined` where nothing could be scraped. */
export type Month = Record<string, (number | undefined)[]>;

const DAY = 1440;

/** A service that is asked 20 times a minute by day and every other minute at night, and fails one time in two thousand. */
export function serviceMonth(stepMinutes: number): Month {
  const route = { ...SERVICE_A, method: 'POST', route: '/predict/:model' };
  const month: Month = {};
  const total = { good: 0, failed: 0, inTime: 0, shed: 0, start: 0 };
  for (const { minute, effect } of steps(stepMinutes)) {
    const isDown = effect.serviceDown === true;
    // A process that starts counts from zero.
    if (isDown) Object.assign(total, { good: 0, failed: 0, inTime: 0, shed: 0, start: minute * 60 });
    const asked = isDown ? 0 : (isDay(minute) ? 20 : 0.5) * stepMinutes;
    const shed = asked * (effect.shed ?? 0);
    const failed = (asked - shed) * (effect.failing ?? 0.0005);
    total.shed += shed;
    total.failed += failed;
    total.good += asked - shed - failed;
    total.inTime += (asked - shed) * (1 - (effect.slow ?? 0.001));
    const shown = (value: number) => (isDown ? undefined : value);
    push(month, series('up', SERVICE_A), isDown ? 0 : 1);
    push(month, series('cleaver_http_requests_total', { ...route, status: '200' }), shown(total.good));
    push(month, series('cleaver_http_requests_total', { ...route, status: '500' }), shown(total.failed));
    push(month, series('cleaver_requests_shed_total', { ...SERVICE_A, reason: 'busy' }), shown(total.shed));
    const times = 'cleaver_http_request_duration_seconds';
    push(month, series(`${times}_bucket`, { ...route, le: '0.25' }), shown(total.inTime));
    push(month, series(`${times}_count`, route), shown(total.good + total.failed));
    push(month, series('process_start_time_seconds', SERVICE_A), shown(total.start));
    push(month, series('process_resident_memory_bytes', SERVICE_A), shown(180e6));
    push(month, series('nodejs_eventloop_lag_p99_seconds', SERVICE_A), shown(0.012));
  }
  return month;
}

/** Its machine. */
export function machineMonth(stepMinutes: number): Month {
  const disk = { ...HOME, device: '/dev/sda1', fstype: 'ext4', mountpoint: '/' };
  const month: Month = {};
  let booted = -DAY * 60;
  let idle = 0;
  for (const { minute, effect, since } of steps(stepMinutes)) {
    const isDown = effect.machineDown === true;
    if (effect.rebooted) booted = (minute + stepMinutes) * 60;
    idle += stepMinutes * 60 * (effect.busy ? 0.01 : 0.8);
    const free = effect.diskFree === undefined ? 70 : effect.diskFree - since * (effect.diskFalls ?? 0);
    const shown = (value: number) => (isDown ? undefined : value);
    push(month, series('up', HOME), isDown ? 0 : 1);
    push(month, series('node_time_seconds', HOME), shown(minute * 60));
    push(month, series('node_boot_time_seconds', HOME), shown(booted));
    push(month, series('node_cpu_seconds_total', { ...HOME, cpu: '0', mode: 'idle' }), shown(idle));
    push(month, series('node_filesystem_avail_bytes', disk), shown(free * 1e9));
    push(month, series('node_filesystem_size_bytes', disk), shown(100e9));
    push(month, series('node_memory_MemAvailable_bytes', HOME), shown(9e9));
    push(month, series('node_memory_MemTotal_bytes', HOME), shown(16e9));
    push(month, series('node_timex_offset_seconds', HOME), shown(0.002));
    push(month, series('node_textfile_scrape_error', HOME), shown(0));
  }
  return month;
}

/** Its pipeline: ETL, delivery and report at 02:30, a backup at 01:00, watch every six hours. */
export function pipelineMonth(stepMinutes: number): Month {
  const shop = { ...HOME, model: 'shop' };
  const month: Month = {};
  const last = { etl: 0, backup: 0, written: 0 };
  let quarantined = 12;
  for (const { minute, effect, before } of steps(stepMinutes)) {
    const clock = minute % DAY;
    // Mended by hand as soon as the trouble ends.
    const isMended = before.skipped === 'etl' && effect.skipped === undefined;
    if ((clock === 150 && effect.skipped !== 'etl') || isMended) last.etl = minute;
    if (clock === 60 && effect.skipped !== 'backup') last.backup = minute;
    if (clock % 360 === 0) last.written = minute;
    if (before.quarantined === undefined) quarantined += effect.quarantined ?? 0;
    const due = clock < 140 || effect.scheduleLate ? minute - clock + 137 : minute - clock + DAY + 137;
    const name = (task: string) => series('cleaver_task_last_success_timestamp_seconds', { ...HOME, task });
    for (const step of ['etl', 'deliver', 'report']) {
      push(month, series('cleaver_step_last_success_timestamp_seconds', { ...shop, step }), last.etl * 60);
    }
    push(month, series('cleaver_mart_newest_day_timestamp_seconds', shop), Math.floor(last.etl / DAY) * DAY * 60);
    push(month, name('backup'), last.backup * 60);
    push(month, name('dynamic-dns'), (minute - (minute % 10)) * 60);
    push(month, series('cleaver_state_written_timestamp_seconds', HOME), last.written * 60);
    const workflow = { ...HOME, workflow: 'etl.yml', cron: '17 2 * * *' };
    push(month, series('cleaver_schedule_next_due_timestamp_seconds', workflow), due * 60);
    const runner = { ...HOME, name: 'actions.runner.home.service', state: 'active' };
    push(month, series('node_systemd_unit_state', runner), effect.runnerOff ? 0 : 1);
    push(month, series('cleaver_quarantine_lines', shop), quarantined);
    // Renewed 30 days before its end.
    const ends = minute < 5 * DAY ? 35 * DAY : 95 * DAY;
    push(
      month,
      series('cleaver_certificate_expiry_timestamp_seconds', { ...HOME, host: 'cleaver.example' }),
      ends * 60,
    );
  }
  return month;
}

/** Its model, which retrains each day while it has drifted. */
export function modelMonth(stepMinutes: number): Month {
  const shop = { ...HOME, model: 'shop' };
  const scores = { ...SERVICE_A, model: 'shop', version: 'v3', role: 'answer' };
  const month: Month = {};
  let [count, sum] = [0, 0];
  for (const { minute, effect, since } of steps(stepMinutes)) {
    const drifted = effect.drifted === true;
    count += 5 * stepMinutes;
    // A little more at weekends.
    sum += 5 * stepMinutes * (0.1 + 0.01 * Math.sin((minute / DAY / 7) * 2 * Math.PI));
    push(month, series('cleaver_drift_drifted', shop), drifted ? 1 : 0);
    push(month, series('cleaver_drift_auc', shop), drifted ? 0.655 : 0.71);
    push(month, series('cleaver_gate_refusals_in_a_row', shop), drifted ? Math.min(3, Math.floor(since / DAY) + 1) : 0);
    push(month, series('cleaver_champion_as_of_timestamp_seconds', { ...shop, version: 'v3' }), -10 * DAY * 60);
    push(month, series('cleaver_scores_sum', scores), sum);
    push(month, series('cleaver_scores_count', scores), count);
  }
  return month;
}

function isDay(minute: number): boolean {
  return minute % DAY >= 8 * 60 && minute % DAY < 22 * 60;
}

function* steps(stepMinutes: number) {
  let before: ReturnType<typeof effectAt>['effect'] = {};
  for (let minute = 0; minute <= MONTH; minute += stepMinutes) {
    const { incident, effect } = effectAt(minute);
    yield { minute, effect, before, since: minute - (incident?.from ?? minute) };
    before = effect;
  }
}

function push(month: Month, name: string, value: number | undefined): void {
  (month[name] ??= []).push(value);
}
