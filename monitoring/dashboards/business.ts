import { type Dashboard, OF_MODEL } from './dashboard.ts';
import { LINES } from './lines.ts';

const LOGS = 'labels.step: report';
const gain = (bound: 'estimate' | 'low' | 'high') => `cleaver_experiment_difference{${OF_MODEL},bound="${bound}"}`;

/** Does the model pay? The manager's page has the same figures by day. */
export const BUSINESS: Dashboard = {
  uid: 'cleaver-business',
  title: 'Cleaver: business',
  description: 'What a model is worth: treated against held-out, in the unit that its manifest names.',
  refresh: '5m',
  from: 'now-30d',
  byModel: true,
  rows: [
    {
      title: 'Does it pay?',
      panels: [
        {
          title: 'Gain by entity',
          description:
            'Value of one who was treated less that of one held out, with its interval. Only when all of it lies over the line it surely pays.',
          unit: 'none',
          line: LINES.gain,
          queries: [
            { expr: gain('estimate'), legend: '{{model}}' },
            { expr: gain('low'), legend: '{{model}} at least' },
            { expr: gain('high'), legend: '{{model}} at most' },
          ],
          logs: LOGS,
        },
        {
          title: 'Gain in all',
          description: 'Gain by entity, times those treated.',
          unit: 'none',
          line: LINES.gain,
          queries: [
            {
              expr: `${gain('estimate')} * on (model) cleaver_experiment_entities{${OF_MODEL},arm="treated"}`,
              legend: '{{model}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'Gain in percent',
          description: 'Of the value of one who was held out.',
          unit: 'percent',
          line: LINES.gain,
          queries: [
            {
              expr: `100 * ${gain('estimate')} / on (model) cleaver_experiment_value_per_entity{${OF_MODEL},arm="holdout"}`,
              legend: '{{model}}',
            },
          ],
          logs: LOGS,
        },
        {
          title: 'It surely pays',
          description: 'The low end of the interval of the gain is over 0.',
          unit: 'bool_yes_no',
          line: LINES.isGood,
          queries: [{ expr: `${gain('low')} > bool 0`, legend: '{{model}}' }],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'The experiment',
      panels: [
        {
          title: 'Value by entity',
          description: 'Mean of each arm.',
          unit: 'none',
          line: LINES.gain,
          queries: [{ expr: `cleaver_experiment_value_per_entity{${OF_MODEL}}`, legend: '{{model}} {{arm}}' }],
          logs: LOGS,
        },
        {
          title: 'Entities',
          description: 'In each arm. Below the line its mean says little.',
          unit: 'short',
          line: LINES.armEntities,
          queries: [{ expr: `cleaver_experiment_entities{${OF_MODEL}}`, legend: '{{model}} {{arm}}' }],
          logs: LOGS,
        },
        {
          title: 'Predicted and actual',
          description: 'Of the newest day whose outcomes are known.',
          unit: 'percentunit',
          line: LINES.meanScore,
          queries: [
            { expr: `cleaver_prediction_mean{${OF_MODEL}}`, legend: '{{model}} predicted' },
            { expr: `cleaver_outcome_mean{${OF_MODEL}}`, legend: '{{model}} actual' },
          ],
          logs: LOGS,
        },
      ],
    },
    {
      title: 'Is it used, and well?',
      panels: [
        {
          title: 'Scores within a day',
          description: 'Answered by the service.',
          unit: 'short',
          line: LINES.none,
          queries: [
            {
              expr: `sum by (model) (increase(cleaver_rows_scored_total{${OF_MODEL}}[1d]))`,
              legend: '{{model}}',
            },
          ],
          logs: 'service.name: cleaver',
        },
        {
          title: 'Answered within a day',
          description: 'Of the requests for scores. The line is what is promised.',
          unit: 'percentunit',
          line: LINES.availability,
          queries: [{ expr: '1 - cleaver:scoring_failures:ratio_rate1d', legend: 'answered' }],
          logs: 'http.response.status_code >= 500',
        },
        {
          title: 'Age of the data',
          description: 'Since the end of the newest day in the mart. Old data make old decisions.',
          unit: 's',
          line: LINES.dataAge,
          queries: [{ expr: `time() - cleaver_mart_newest_day_timestamp_seconds{${OF_MODEL}}`, legend: '{{model}}' }],
          logs: 'labels.step: etl',
        },
      ],
    },
  ],
};
