import { defineModel } from '../../../pipelines/core/manifest.ts';

/** Real purchases: the CDNOW research set, read from its raw file (see docs/real-data.md). */
export default defineModel({
  title: 'Who buys again within 30 days',
  source: {
    url: `files:${process.env['CLEAVER_CDNOW'] ?? 'data'}`,
    tables: {
      purchases: {
        time: 'bought_on',
        // No header, fields parted by any number of blanks: customer, date, number of CDs, amount.
        sql: `SELECT fields[1] AS customer_id, strptime(fields[2], '%Y%m%d')::DATE AS bought_on,
                fields[3]::INTEGER AS cds, fields[4]::DOUBLE AS amount
              FROM (SELECT string_split_regex(trim(line), '\\s+') AS fields
                FROM read_csv('CDNOW_master.txt', columns = {'line': 'VARCHAR'}, header = false, delim = '\\0', quote = '', escape = ''))`,
      },
    },
  },
  entity: 'customer_id',
  features: {
    recency: { type: 'number', description: 'days since the last purchase' },
    frequency: { type: 'number', description: 'days with a purchase' },
    frequency_over_recency: {
      type: 'number',
      description: 'frequency / (1 + recency): a rule of thumb that is hard to beat',
    },
    tenure: { type: 'number', description: 'days since the first purchase' },
    overdue: { type: 'number', description: 'recency in units of the mean gap between purchases' },
    mean_gap: { type: 'number' },
    last_gap: { type: 'number', description: 'days between the last two purchases' },
    days_30: { type: 'number', description: 'days with a purchase in the last 30' },
    days_90: { type: 'number' },
    days_180: { type: 'number' },
    amount_total: { type: 'number' },
    amount_mean: { type: 'number' },
    amount_90: { type: 'number' },
    cds_total: { type: 'number' },
  },
  label: { maturityDays: 30, valueUnit: 'USD' },
  // The cohort is closed in April; by then every customer has bought once.
  mart: { everyDays: 7, warmupDays: 60 },
  window: { days: 180, holdoutDays: 28, maxRows: 400_000 },
  trainer: {
    parameters: {
      num_iterations: 200,
      learning_rate: 0.05,
      num_leaves: 8,
      min_data_in_leaf: 400,
      feature_fraction: 0.5,
      bagging_fraction: 0.7,
      bagging_freq: 1,
      lambda_l2: 10,
    },
  },
  retrain: { everyDays: 28 },
});
