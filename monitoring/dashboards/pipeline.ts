import { type Dashboard, OF_MODEL } from './dashboard.ts';
import { LINES } from './lines.ts';

const LOGS = 'labels.step: *';
const SUCCEEDED = `cleaver_step_last_success_timestamp_seconds{${OF_MODEL}}`;
const FAILED = `cleaver_step_last_failure_timestamp_seconds{${OF_MODEL}}`;

/** Does everything run that should, and how long does it take? Mostly ages, so that what does not run is seen. */
export const PIPELINE: Dashboard = {
  uid: 'cleaver-pipeline',
  title: 'Cleaver: pipeline',
  description: 'Steps, schedules, data, and the household around them.',
  refresh: '1m',
  from: 'now-7d',
  byModel: true,
  rows: [
    {
      title: 'Steps',
      panels: [
        {
          title: 'Since the last good end',
          description: 'By step. etl, deliver and report should come daily; a training only on news.',
          unit: 's',
          line: LINES.stepAge,
          queries: [{ expr: `time() - ${SUCCEEDED}`, legend: '{{model}} {{step}}' }],
          logs: LOGS,
        },
        {
          title: 'Failing',
          description: 'Commands whose last end was an error.',
          unit: 'bool_yes_no',
          line: LINES.isBad,
          queries: [
            {
              // The step that never failed, and the one that has never done anything else.
              expr: `(${FAILED} > bool on (model, step) ${SUCCEEDED}) or on (model, step) (0 * ${SUCCEEDED}) or on (model, step) (1 + 0 * ${FAILED})`,
              legend: '{{model}} {{step}}',
            },
          ],
          logs: 'labels.step: * and log.level: error',
        },
        {
          title: 'Duration',
          description: 'Of the last one that came to a good end.',
          unit: 's',
          line: LINES.stepSeconds,
          queries: [{ expr: `cleaver_step_last_duration_seconds{${OF_MODEL}}`, legend: '{{model}} {{step}}' }],
          logs: LOGS,
        },
        {
          title: 'Runs on record',
          description: 'By step; a step that found nothing to do leaves none.',
          unit: 'short',
          line: LINES.none,
          queries: [{ expr: `cleaver_step_runs{${OF_MODEL}}`, legend: '{{model}} {{step}}' }],
          logs: LOGS,
        },
        {
          title: 'Runs within a day',
          description: 'What was really done.',
          unit: 'short',
          line: LINES.none,
          queries: [
            {
              expr: `max_over_time(cleaver_step_runs{${OF_MODEL}}[1d]) - min_over_time(cleaver_step_runs{${OF_MODEL}}[1d])`,
              legend: '{{model}} {{step}}',
            },
          ],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'Schedules',
      panels: [
        {
          title: 'Schedules late by',
          description:
            'Negative before the next run is due. GitHub may be late by hours; beyond the line it did not come.',
          unit: 's',
          line: LINES.scheduleLate,
          queries: [{ expr: 'time() - cleaver_schedule_next_due_timestamp_seconds', legend: '{{workflow}} {{cron}}' }],
          logs: LOGS,
        },
        {
          title: 'Since the last scheduled run',
          description: 'Since it was due.',
          unit: 's',
          line: LINES.stepAge,
          queries: [{ expr: 'time() - cleaver_schedule_last_run_timestamp_seconds', legend: '{{workflow}} {{cron}}' }],
          logs: LOGS,
        },
        {
          title: 'Runner at work',
          description: 'Whether the unit of the runner of GitHub is active.',
          unit: 'bool_yes_no',
          line: LINES.isGood,
          queries: [{ expr: 'node_systemd_unit_state{name=~"actions.runner.*",state="active"}', legend: '{{name}}' }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'Data',
      panels: [
        {
          title: 'Age of the data',
          description: 'Since the end of the newest day in the mart.',
          unit: 's',
          line: LINES.dataAge,
          queries: [{ expr: `time() - cleaver_mart_newest_day_timestamp_seconds{${OF_MODEL}}`, legend: '{{model}}' }],
          logs: 'labels.step: etl',
        },
        {
          title: 'Lines in quarantine',
          description: 'Left out until somebody looks at them. The line is for those of a day.',
          unit: 'short',
          line: LINES.quarantineLines,
          queries: [{ expr: `cleaver_quarantine_lines{model=~"$model|unknown"}`, legend: '{{model}}' }],
          logs: LOGS,
        },
        {
          title: 'Age of these figures',
          description: 'Since a step or `cleaver metrics` wrote them. Old ones look well and may be wrong.',
          unit: 's',
          line: LINES.stateAge,
          queries: [{ expr: 'time() - cleaver_state_written_timestamp_seconds', legend: '{{instance}}' }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'The household',
      panels: [
        {
          title: 'Age of the backup',
          description: 'Since the script said `cleaver metrics --done backup`.',
          unit: 's',
          line: LINES.backupAge,
          queries: [
            { expr: 'time() - cleaver_task_last_success_timestamp_seconds{task="backup"}', legend: '{{task}}' },
          ],
          logs: 'host.name: *',
        },
        {
          title: 'Address in the DNS confirmed',
          description: 'Since the script said `cleaver metrics --done dynamic-dns`.',
          unit: 's',
          line: LINES.dynamicDnsAge,
          queries: [
            { expr: 'time() - cleaver_task_last_success_timestamp_seconds{task="dynamic-dns"}', legend: '{{task}}' },
          ],
          logs: 'host.name: *',
        },
        {
          title: 'Certificate still good for',
          description: 'Of the public address (CLEAVER_PUBLIC_URL). Below the line its renewal has failed for weeks.',
          unit: 's',
          line: LINES.certificateLeft,
          queries: [{ expr: 'cleaver_certificate_expiry_timestamp_seconds - time()', legend: '{{host}}' }],
          logs: 'host.name: *',
        },
      ],
    },
  ],
};
