import { THRESHOLDS } from '../thresholds.ts';
import { type Alert, duration, type RuleGroup } from './alert.ts';

const ofPipeline = { dashboard: 'cleaver-pipeline', logs: 'labels.step: *' } as const;

/** Data, steps, schedules and the household around them. Mostly ages, so that what does not run at all is told. */
export const PIPELINE: RuleGroup = {
  subject: 'pipeline',
  alerts: (timing): Alert[] => [
    {
      ...ofPipeline,
      name: 'DataStale',
      severity: 'ticket',
      expr: `time() - cleaver_mart_newest_day_timestamp_seconds > ${timing.dataAge}`,
      summary: 'The data of {{ $labels.model }} ends {{ $value | humanizeDuration }} ago',
      description: 'Deliveries and reports stand still at that day.',
      runbook: {
        means: 'The mart has had no new complete day for longer than the daily ETL explains.',
        look: [
          'Has the source newer rows? If not, it is the shop’s system that stands still.',
          '_Actions → etl_ on GitHub; `npx cleaver runs --model NAME`; `npx cleaver doctor`.',
        ],
        do: [
          '`npx cleaver etl --model NAME` on the machine, or start _etl_ by hand; it catches up on all days at once.',
        ],
      },
    },
    {
      ...ofPipeline,
      name: 'StepOverdue',
      severity: 'ticket',
      expr: `time() - cleaver_step_last_success_timestamp_seconds{step=~"etl|deliver|report"} > ${timing.dailyStepAge}`,
      summary: 'The step {{ $labels.step }} of {{ $labels.model }} succeeded last {{ $value | humanizeDuration }} ago',
      description: 'It should succeed daily. It fails, or does not run at all.',
      runbook: {
        means: 'No run record of this step says that it succeeded, for longer than a day and GitHub’s delay.',
        look: [
          '_Actions → etl_ on GitHub: red (it fails), missing (it was not started), or waiting (no runner)?',
          'The logs by `labels.step`: the error’s code has a section in docs/errors.md.',
        ],
        do: [
          'It fails: as its hint says, then start it again; it goes on where it stopped.',
          'It was not started: see [ScheduleMissed](#schedulemissed). It waits: see [RunnerOffline](#runneroffline).',
        ],
      },
    },
    {
      ...ofPipeline,
      name: 'ScheduleMissed',
      severity: 'ticket',
      expr: `time() - cleaver_schedule_next_due_timestamp_seconds > ${timing.scheduleGrace}`,
      summary: 'The schedule of {{ $labels.workflow }} ({{ $labels.cron }}) is {{ $value | humanizeDuration }} late',
      description: 'GitHub did not start it, or no runner took it.',
      runbook: {
        means: 'A scheduled workflow has not run since it was due.',
        look: ['_Actions_ on GitHub: is the workflow disabled (60 days without a commit)? Is a job waiting?'],
        do: [
          'Enable it (`gh workflow enable etl.yml`) and start it once (`gh workflow run etl.yml`).',
          'It happens often: let the chart’s CronJob look (`watch` in its values).',
        ],
      },
    },
    {
      ...ofPipeline,
      name: 'RunnerOffline',
      severity: 'ticket',
      expr: 'node_systemd_unit_state{name=~"actions.runner.*",state="active"} == 0',
      for: timing.runnerOfflineFor,
      summary: 'The runner {{ $labels.name }} is not active (state is {{ $value }})',
      description: 'No workflow runs on this machine: no ETL, no training, no release.',
      runbook: {
        means: 'By what systemd says, the unit of GitHub’s runner does not run.',
        look: ['`systemctl status "actions.runner.*"` and `journalctl -u "actions.runner.*" -e`.'],
        do: [
          '`systemctl restart "actions.runner.*"`. When it is no longer registered: register it again (runner/README.md).',
        ],
      },
    },
    {
      ...ofPipeline,
      name: 'QuarantineGrowing',
      severity: 'ticket',
      expr: `cleaver_quarantine_lines - min_over_time(cleaver_quarantine_lines[${duration(timing.quarantineWindow)}]) > ${THRESHOLDS.quarantineLines}`,
      summary: '{{ $value }} lines of {{ $labels.model }} went into quarantine within a day',
      description: 'They are predictions or outcomes that the reports will not know of.',
      runbook: {
        means:
          'The step `collect` found lines of the prediction record that are torn or broken, more than a killed process leaves.',
        look: [
          'The newest files in `CLEAVER_HOME/quarantine`: cut in the middle (a disk that was full), or of another shape (a version that does not fit)?',
        ],
        do: [
          'Free the disk, or bring service and pipeline to the same version. What is whole can be put back and collected again.',
        ],
      },
    },
    {
      ...ofPipeline,
      name: 'BackupOld',
      severity: 'ticket',
      expr: `time() - cleaver_task_last_success_timestamp_seconds{task="backup"} > ${timing.backupAge}`,
      summary: 'The last backup that succeeded is {{ $value | humanizeDuration }} old',
      description: 'What has been made since is lost if the disk dies now.',
      runbook: {
        means: 'Nothing has said `cleaver metrics --done backup` for a day and a half.',
        look: ['The timer and log of your backup: `systemctl list-timers`, `journalctl -u backup`.'],
        do: ['Run it by hand, see that it ends well, and try once whether a file comes back from it.'],
      },
    },
    {
      ...ofPipeline,
      name: 'BackupNeverRan',
      severity: 'ticket',
      // Not while the metrics themselves are missing.
      expr: 'cleaver_state_written_timestamp_seconds unless on (node) cleaver_task_last_success_timestamp_seconds{task="backup"}',
      for: timing.backupNeverFor,
      summary: 'No backup has ever succeeded, as of {{ $value | humanizeTimestamp }}',
      description: 'There is none, or it does not tell.',
      runbook: {
        means: 'There is no record of any backup.',
        look: ['Do you have one? docs/operations.md says what must be in it.'],
        do: ['Make one, and end its script by `npx cleaver metrics --done backup`.'],
      },
    },
    {
      ...ofPipeline,
      name: 'DynamicDnsOld',
      severity: 'ticket',
      expr: `time() - cleaver_task_last_success_timestamp_seconds{task="dynamic-dns"} > ${timing.dynamicDnsAge}`,
      summary: 'The address in the DNS was last confirmed {{ $value | humanizeDuration }} ago',
      description: 'If the provider gives the line another address, nobody finds the service.',
      runbook: {
        means: 'The script that tells the DNS our address has not succeeded for a while.',
        look: ['Its log; `dig +short YOUR.NAME` against `curl https://api.ipify.org`.'],
        do: ['Run it by hand. Refused: a new token. The line is down: that is what is to be mended.'],
      },
    },
    certificateAlert('page', timing.certificatePage),
    certificateAlert('ticket', timing.certificateTicket),
    {
      ...ofPipeline,
      name: 'StateMetricsOld',
      severity: 'ticket',
      expr: `time() - cleaver_state_written_timestamp_seconds > ${timing.stateAge}`,
      summary: 'The figures about pipeline and models are {{ $value | humanizeDuration }} old',
      description: 'They may look well and be wrong: nothing has written them.',
      runbook: {
        means: 'Neither a step nor `cleaver metrics` has written `CLEAVER_HOME/metrics` for half a day.',
        look: ['Does the runner work ([RunnerOffline](#runneroffline))? Is the disk full?'],
        do: ['`npx cleaver metrics`; if it fails, as its hint says.'],
      },
    },
    {
      ...ofPipeline,
      name: 'StateMetricsMissing',
      severity: 'ticket',
      expr: 'absent(cleaver_state_written_timestamp_seconds) unless on () (up{job="node"} == 0)',
      for: timing.stateMissingFor,
      summary: '{{ if eq $value 1.0 }}0{{ end }} figures about pipeline and models reach Prometheus',
      description: 'Nothing would be told of steps that fail or schedules that are missed.',
      runbook: {
        means: 'Prometheus has no metrics of the state folder.',
        look: [
          'Is there `CLEAVER_HOME/metrics/*.prom`, and does node exporter read that folder (`--collector.textfile.directory`)?',
        ],
        do: ['`npx cleaver metrics` writes it. Mount the folder into node exporter.'],
      },
    },
  ],
};

function certificateAlert(severity: 'page' | 'ticket', left: number): Alert {
  return {
    ...ofPipeline,
    name: severity === 'page' ? 'CertificateEnds' : 'CertificateEndsSoon',
    severity,
    expr: `cleaver_certificate_expiry_timestamp_seconds - time() < ${left}`,
    summary: 'The certificate of {{ $labels.host }} ends in {{ $value | humanizeDuration }}',
    description: 'From then on clients refuse to talk to the service.',
    runbook: {
      means: 'The certificate that the public address shows was not renewed in time.',
      look: ['`kubectl get certificate,certificaterequest,challenge -A`, or the log of Traefik: `acme`.'],
      do: [
        'Most often port 80 does not come through, or the DNS name is wrong. Mend that; the renewal is tried again by itself.',
      ],
    },
  };
}
