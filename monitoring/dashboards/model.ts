import { type Dashboard, OF_MODEL } from './dashboard.ts';
import { LINES } from './lines.ts';

const LOGS = 'labels.model: *';
const RATE = '[$__rate_interval]';

/** Does the model still know the world? */
export const MODEL: Dashboard = {
  uid: 'cleaver-model',
  title: 'Cleaver: model',
  description: 'What a model answers, whether it comes true, how old it is, and what the gate says of its challengers.',
  refresh: '1m',
  from: 'now-7d',
  byModel: true,
  rows: [
    {
      title: 'What it answers now',
      panels: [
        {
          title: 'Mean score',
          description:
            'By version; shadow is a challenger whose scores nobody gets. A step without a new version is a feature that broke.',
          unit: 'percentunit',
          line: LINES.meanScore,
          queries: [
            {
              expr: `sum by (model, version, role) (rate(cleaver_scores_sum{${OF_MODEL}}${RATE})) / sum by (model, version, role) (rate(cleaver_scores_count{${OF_MODEL}}${RATE}))`,
              legend: '{{model}} {{version}} {{role}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Spread of scores',
          description:
            'A tenth lies below the lowest curve and a tenth above the highest. When they close up it tells nobody apart.',
          unit: 'percentunit',
          line: LINES.meanScore,
          queries: [0.1, 0.5, 0.9].map((share) => ({
            expr: `histogram_quantile(${share}, sum by (le, model) (rate(cleaver_scores_bucket{${OF_MODEL},role="answer"}${RATE})))`,
            legend: `{{model}} ${share * 100} %`,
          })) as [{ expr: string; legend: string }],
          logs: LOGS,
        },
        {
          title: 'Rows scored',
          description: 'By version.',
          unit: 'rowsps',
          line: LINES.requestsPerSecond,
          queries: [
            {
              expr: `sum by (model, version) (rate(cleaver_rows_scored_total{${OF_MODEL}}${RATE}))`,
              legend: '{{model}} {{version}}',
            },
          ],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'What came true',
      panels: [
        {
          title: 'Predicted and actual',
          description:
            'Of the newest day whose outcomes are known. Far apart: the scores are no probabilities any more.',
          unit: 'percentunit',
          line: LINES.meanScore,
          queries: [
            { expr: `cleaver_prediction_mean{${OF_MODEL}}`, legend: '{{model}} predicted' },
            { expr: `cleaver_outcome_mean{${OF_MODEL}}`, legend: '{{model}} actual' },
          ],
          logs: LOGS,
        },
        {
          title: 'AUC',
          description:
            'How well it ranks: of the newest mature day, over the last of them, and when the gate passed it. The line is a coin.',
          unit: 'none',
          line: LINES.auc,
          queries: [
            { expr: `cleaver_prediction_auc{${OF_MODEL}}`, legend: '{{model}} newest day' },
            { expr: `cleaver_drift_auc{${OF_MODEL}}`, legend: '{{model}} last days' },
            { expr: `cleaver_drift_reference_auc{${OF_MODEL}}`, legend: '{{model}} at the gate' },
          ],
          logs: LOGS,
        },
        {
          title: 'Drifted',
          description:
            'Its AUC over the last mature days is lower than at the gate, by more than chance explains. A retraining follows.',
          unit: 'bool_yes_no',
          line: LINES.isBad,
          queries: [{ expr: `cleaver_drift_drifted{${OF_MODEL}}`, legend: '{{model}}' }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'How fresh it is',
      panels: [
        {
          title: 'Age of the data',
          description: 'Since the end of the newest day in the mart.',
          unit: 's',
          line: LINES.dataAge,
          queries: [{ expr: `time() - cleaver_mart_newest_day_timestamp_seconds{${OF_MODEL}}`, legend: '{{model}}' }],
          logs: LOGS,
        },
        {
          title: 'Age of what the champion knows',
          description: 'Since the end of the newest day when it was trained.',
          unit: 's',
          line: LINES.championAge,
          queries: [
            { expr: `time() - cleaver_champion_as_of_timestamp_seconds{${OF_MODEL}}`, legend: '{{model}} {{version}}' },
          ],
          logs: LOGS,
        },
        {
          title: 'Since the champion was promoted',
          description: 'By the gate, or brought back by hand.',
          unit: 's',
          line: LINES.championAge,
          queries: [
            {
              expr: `time() - cleaver_champion_promoted_timestamp_seconds{${OF_MODEL}}`,
              legend: '{{model}} {{version}}',
            },
          ],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'The gate',
      panels: [
        {
          title: 'Judgements',
          description: 'All on record, by outcome.',
          unit: 'short',
          line: LINES.none,
          queries: [{ expr: `cleaver_gate_decisions{${OF_MODEL}}`, legend: '{{model}} {{outcome}}' }],
          logs: 'labels.step: evaluate',
        },
        {
          title: 'Refusals in a row',
          description: 'Retraining that does not help any more.',
          unit: 'short',
          line: LINES.gateRefusals,
          queries: [{ expr: `cleaver_gate_refusals_in_a_row{${OF_MODEL}}`, legend: '{{model}}' }],
          logs: 'labels.step: evaluate',
        },
        {
          title: 'Gain of the newest challenger',
          description: 'Its AUC less that of the champion, on the same rows. Below the line it was worse.',
          unit: 'none',
          line: LINES.gain,
          queries: [{ expr: `cleaver_gate_auc_difference{${OF_MODEL}}`, legend: '{{model}}' }],
          logs: 'labels.step: evaluate',
        },
      ],
    },
  ],
};
