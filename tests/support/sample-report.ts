import { addDays } from '../../pipelines/core/days.ts';
import type { ModelReport } from '../../pipelines/core/report.ts';

/** A report: fourteen days from 2025-01-01, with ever better AUC, two marks and two arms. */
export function sampleReport(changes: Partial<ModelReport> = {}): ModelReport {
  return {
    model: 'shop',
    title: 'Who buys within 14 days',
    asOf: '2025-01-28',
    champion: 'v2',
    maturityDays: 14,
    valueUnit: 'EUR',
    days: Array.from({ length: 14 }, (_, index) => ({
      day: addDays('2025-01-01', index),
      version: 'v1',
      rows: 100 * (index + 1),
      predicted: 0.1,
      actual: index < 7 ? 0.2 : 0.05,
      auc: 0.7 + index / 100,
      logLoss: 0.3,
      brier: 0.1,
    })),
    marks: [
      { day: '2025-01-01', kind: 'promoted', version: 'v1', text: 'v1 promoted: the first' },
      { day: '2025-01-09', kind: 'drift', version: 'v1', text: 'v1 drifted: AUC 0.70 to 0.61' },
      { day: '2025-01-10', kind: 'promoted', version: 'v2', text: 'v2 promoted: AUC +0.021 (0.016 to 0.026)' },
    ],
    experiment: {
      treated: { entities: 1800, mean: 7.31, variance: 90 },
      holdout: { entities: 200, mean: 6.89, variance: 85 },
      difference: 0.42,
      low: 0.2,
      high: 0.64,
      confidence: 0.95,
      pValue: 0.0002,
    },
    ...changes,
  };
}
