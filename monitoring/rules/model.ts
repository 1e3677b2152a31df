import { THRESHOLDS } from '../thresholds.ts';
import { type Alert, duration, type RuleGroup } from './alert.ts';

const ofModel = { dashboard: 'cleaver-model', logs: 'labels.model: *' } as const;

/** Does the model still know the world? */
export const MODEL: RuleGroup = {
  subject: 'model',
  alerts: (timing): Alert[] => [
    {
      ...ofModel,
      name: 'ModelDrifted',
      severity: 'ticket',
      expr: 'cleaver_drift_auc and on (model) (cleaver_drift_drifted == 1)',
      summary: 'The champion of {{ $labels.model }} has drifted: its AUC is down to {{ $value | printf "%.3f" }}',
      description:
        'It ranks customers worse than when it was promoted, by more than chance explains. A retraining follows.',
      runbook: {
        means:
          'Over its last mature days the champion’s AUC is lower than at its promotion (see _Drift_ in the glossary).',
        look: [
          'The dashboard _Model_: a step (something broke in the data) or a slope (the world changes)?',
          '`npx cleaver runs --model NAME`: did `watch` start a retraining, and did the gate let it pass?',
        ],
        do: [
          'A step: look for the feature that changed, in the source’s last changes and in the quarantine.',
          'A slope: the next champion learns it. When the gate refuses: a shorter window, new features.',
        ],
      },
    },
    {
      ...ofModel,
      name: 'ScoresShifted',
      severity: 'ticket',
      expr: shifted(duration(timing.scoreWindow), duration(timing.scoreShiftAgo)),
      for: timing.scoreShiftFor,
      summary: 'The mean score of {{ $labels.model }} changed by {{ $value | humanizePercentage }} in a week',
      description: 'Far sooner than drift can be seen: a new version, other customers, or a feature that broke.',
      runbook: {
        means: 'What the service answers differs from what it answered a week ago, whatever turns out true.',
        look: [
          'The dashboard _Model_: did it change with a version? Then the gate has seen it.',
          'With the same version: which feature is missing or on another scale? Compare the client’s requests.',
        ],
        do: [
          'A client sends something else: tell its people. A feature broke in the ETL: mend it, and run `etl` again.',
        ],
      },
    },
    {
      ...ofModel,
      name: 'GateRefusesAgain',
      severity: 'ticket',
      expr: `cleaver_gate_refusals_in_a_row >= ${THRESHOLDS.gateRefusals}`,
      summary: 'The gate has refused {{ $value }} challengers of {{ $labels.model }} in a row',
      description: 'The champion goes on, so nothing is broken; but retraining does not help any more.',
      runbook: {
        means: 'No new challenger was good enough, several times.',
        look: ['The newest `evaluate` in `npx cleaver runs --model NAME`: its `reasons`.'],
        do: [
          'Worse by chance only: nothing. Worse indeed: look at window, labels and features.',
          'A budget (size, latency) is exceeded: a smaller model, or a larger budget in the manifest.',
        ],
      },
    },
    {
      ...ofModel,
      name: 'ModelOld',
      severity: 'ticket',
      expr: `time() - cleaver_champion_as_of_timestamp_seconds > ${timing.championAge}`,
      summary: 'The champion of {{ $labels.model }} learnt from data that ends {{ $value | humanizeDuration }} ago',
      description: 'A whole quarter without a new champion: either nothing is new, or it is not seen.',
      runbook: {
        means: 'No challenger has become champion for a quarter.',
        look: ['Runs of `watch`, `train` and `evaluate` on the dashboard _Pipeline_; refusals on _Model_.'],
        do: ['Start _retrain_ by hand (`gh workflow run retrain.yml`) and read what the gate says.'],
      },
    },
  ],
};

function shifted(window: string, ago: string): string {
  const mean = (offset: string) =>
    `(sum by (model) (rate(cleaver_scores_sum{role="answer"}[${window}]${offset})) / sum by (model) (rate(cleaver_scores_count{role="answer"}[${window}]${offset})))`;
  const enough = (offset: string) =>
    `sum by (model) (increase(cleaver_scores_count{role="answer"}[${window}]${offset})) >= ${THRESHOLDS.scoreShiftRows}`;
  const before = ` offset ${ago}`;
  return [
    `abs(${mean('')} / ${mean(before)} - 1) > ${THRESHOLDS.scoreShift}`,
    `and ${enough('')}`,
    `and ${enough(before)}`,
  ].join('\n');
}
