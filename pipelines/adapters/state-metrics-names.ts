/** What monitoring reads of the state folder, listed once: its permanent names, their labels, and a line for people. */
export const STATE_METRICS = {
  cleaver_step_last_success_timestamp_seconds: {
    labels: ['model', 'step'],
    help: 'When a step last came to a good end, also when it found nothing to do.',
  },
  cleaver_step_last_failure_timestamp_seconds: {
    labels: ['model', 'step'],
    help: 'When a command last ended with an error.',
  },
  cleaver_step_last_duration_seconds: {
    labels: ['model', 'step'],
    help: 'How long the last one took that came to a good end.',
  },
  cleaver_step_runs: { labels: ['model', 'step'], help: 'Run records kept of a step.' },
  cleaver_mart_newest_day_timestamp_seconds: { labels: ['model'], help: 'End of the newest day in the mart.' },
  cleaver_champion_as_of_timestamp_seconds: {
    labels: ['model', 'version'],
    help: 'End of the newest day that was known when the champion was trained.',
  },
  cleaver_champion_promoted_timestamp_seconds: {
    labels: ['model', 'version'],
    help: 'When the champion was promoted.',
  },
  cleaver_gate_decisions: { labels: ['model', 'outcome'], help: 'Judgements of the gate on record.' },
  cleaver_gate_refusals_in_a_row: {
    labels: ['model'],
    help: 'Challengers refused since the last one that passed; too little data counts for neither.',
  },
  cleaver_gate_auc_difference: {
    labels: ['model'],
    help: 'AUC of the challenger less that of the champion, of the newest judgement that compared two.',
  },
  cleaver_quarantine_lines: {
    labels: ['model'],
    help: 'Lines in quarantine; those that name no model of ours are "unknown".',
  },
  cleaver_drift_drifted: { labels: ['model'], help: '1 where the champion has drifted.' },
  cleaver_drift_auc: { labels: ['model'], help: 'AUC of the champion over its last mature days.' },
  cleaver_drift_reference_auc: { labels: ['model'], help: 'AUC of the champion when the gate passed it.' },
  cleaver_prediction_mean: { labels: ['model'], help: 'Mean score of the newest mature day.' },
  cleaver_outcome_mean: { labels: ['model'], help: 'Share of that day for which it came true.' },
  cleaver_prediction_auc: { labels: ['model'], help: 'AUC of that day.' },
  cleaver_experiment_entities: { labels: ['model', 'arm'], help: 'Entities in an arm of the experiment.' },
  cleaver_experiment_value_per_entity: {
    labels: ['model', 'arm'],
    help: 'Mean value per entity of an arm, in the unit of the manifest.',
  },
  cleaver_experiment_difference: {
    labels: ['model', 'bound'],
    help: 'Value per entity, treated less held-out, and the ends of its interval.',
  },
  cleaver_schedule_last_run_timestamp_seconds: {
    labels: ['workflow', 'cron'],
    help: 'When the last run of a schedule was due that came.',
  },
  cleaver_schedule_next_due_timestamp_seconds: {
    labels: ['workflow', 'cron'],
    help: 'When the first run after it is or was due.',
  },
  cleaver_task_last_success_timestamp_seconds: {
    labels: ['task'],
    help: 'When a task of yours last said `cleaver metrics --done`.',
  },
  cleaver_certificate_expiry_timestamp_seconds: {
    labels: ['host'],
    help: 'End of the certificate of the public address.',
  },
  cleaver_certificate_checked_timestamp_seconds: {
    labels: ['host'],
    help: 'When the public address was last asked for it and answered.',
  },
  cleaver_state_written_timestamp_seconds: { labels: [], help: 'When all of this was written.' },
} as const satisfies Record<string, { labels: readonly string[]; help: string }>;

export type StateMetric = keyof typeof STATE_METRICS;

/** One value of a metric, each of its labels named. */
export interface Sample {
  metric: StateMetric;
  labels: Record<string, string>;
  value: number;
}

/** A sample, or none where there is no number to tell. */
export function sample<Metric extends StateMetric>(
  metric: Metric,
  value: number | undefined,
  labels: Record<(typeof STATE_METRICS)[Metric]['labels'][number], string>,
): Sample[] {
  return value === undefined || Number.isNaN(value) ? [] : [{ metric, labels, value }];
}

/** Seconds since 1970 of a time in milliseconds or as ISO text. */
export function secondsOf(time: number | string | undefined): number | undefined {
  return time === undefined ? undefined : new Date(time).getTime() / 1000;
}
