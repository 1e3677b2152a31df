/** How long lines are kept. Yours to set; then `npm run monitoring`, and `node monitoring/logs/install.ts`. */
export const RETENTION = {
  // A new index is begun when one of the two is reached; what is deleted is whole indices.
  rolloverAfterDays: 1,
  // At home a day is far below it; it bounds a flood: at most this much a day and shard is in one file set.
  rolloverAfterGigabytes: 2,
  // Counted from the index's end. An incident is looked at within days, a bad model's history within two weeks.
  keepDays: 14,
} as const;

/** OpenSearch's policy (Index State Management); it takes the indices of the data streams by itself. */
export function opensearchPolicy(): object {
  const { rolloverAfterDays, rolloverAfterGigabytes, keepDays } = RETENTION;
  return {
    policy: {
      description: `Cleaver's logs: a new index after ${rolloverAfterDays} d or ${rolloverAfterGigabytes} GB, deleted after ${keepDays} d`,
      default_state: 'written',
      states: [
        {
          name: 'written',
          actions: [{ rollover: { min_index_age: `${rolloverAfterDays}d`, min_size: `${rolloverAfterGigabytes}gb` } }],
          transitions: [{ state_name: 'deleted', conditions: { min_rollover_age: `${keepDays}d` } }],
        },
        { name: 'deleted', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: ['cleaver-logs', 'cleaver-logs-rejected'], priority: 100 }],
    },
  };
}

/** Elasticsearch's (Index Lifecycle Management); the index template names it. */
export function elasticsearchPolicy(): object {
  const { rolloverAfterDays, rolloverAfterGigabytes, keepDays } = RETENTION;
  return {
    policy: {
      phases: {
        hot: {
          actions: {
            rollover: { max_age: `${rolloverAfterDays}d`, max_primary_shard_size: `${rolloverAfterGigabytes}gb` },
          },
        },
        delete: { min_age: `${keepDays}d`, actions: { delete: {} } },
      },
    },
  };
}
