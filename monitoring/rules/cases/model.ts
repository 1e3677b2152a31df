import { type Cases, HOME, series, SERVICE_A } from './alert-case.ts';

const SHOP = { ...HOME, model: 'shop' };
const DAY = 86_400;
const asOf = series('cleaver_champion_as_of_timestamp_seconds', { ...SHOP, version: 'v3' });
const refusals = series('cleaver_gate_refusals_in_a_row', SHOP);

/** Of the models' alerts. */
export const MODEL_CASES: Cases = {
  ModelDrifted: {
    every: '1h',
    fires: {
      series: drift({ drifted: '0x5 1x10 0x10', auc: '0.71x5 0.642x10 0.7x10' }),
      at: '10h',
      over: '20h',
      told: [{ labels: SHOP, summary: 'The champion of shop has drifted: its AUC is down to 0.642' }],
    },
    quiet: {
      because: 'it is lower by no more than chance explains',
      series: drift({ drifted: '0x20', auc: '0.69x20' }),
      at: '10h',
    },
  },
  ScoresShifted: {
    every: '1h',
    fires: {
      series: scores({ sum: '0+10x191 1930+20x240', count: '0+100x432' }),
      at: '216h',
      over: '400h',
      told: [{ labels: { model: 'shop' }, summary: 'The mean score of shop changed by 100% in a week' }],
    },
    quiet: {
      because: '240 rows a day are too few to tell',
      series: scores({ sum: '0+1x191 193+2x240', count: '0+10x432' }),
      at: '216h',
    },
  },
  GateRefusesAgain: {
    every: '1h',
    fires: {
      series: { [refusals]: '2x5 3x10 0x10' },
      at: '10h',
      over: '20h',
      told: [{ labels: SHOP, summary: 'The gate has refused 3 challengers of shop in a row' }],
    },
    quiet: { because: 'two may be chance', series: { [refusals]: '2x20' }, at: '10h' },
  },
  ModelOld: {
    every: '12h',
    fires: {
      series: { [asOf]: `0x182 ${90 * DAY}x10` },
      at: '2184h',
      over: '2208h',
      told: [
        {
          labels: { ...SHOP, version: 'v3' },
          summary: 'The champion of shop learnt from data that ends 91d 0h 0m 0s ago',
        },
      ],
    },
    quiet: { because: 'the quarter is not over', series: { [asOf]: '0x182' }, at: '2136h' },
  },
};

function drift({ drifted, auc }: { drifted: string; auc: string }): Record<string, string> {
  return { [series('cleaver_drift_drifted', SHOP)]: drifted, [series('cleaver_drift_auc', SHOP)]: auc };
}

function scores({ sum, count }: { sum: string; count: string }): Record<string, string> {
  const labels = { ...SERVICE_A, model: 'shop', version: 'v3', role: 'answer' };
  return { [series('cleaver_scores_sum', labels)]: sum, [series('cleaver_scores_count', labels)]: count };
}
