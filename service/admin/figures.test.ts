import { describe, expect, test } from 'vitest';
import { figuresOf } from './figures.ts';
import { sampleReport } from '../../tests/support/sample-report.ts';

describe('the four figures', () => {
  test('tell of the champion, of the newest seven days with an outcome, and of the week before', () => {
    expect(figuresOf(sampleReport())).toEqual([
      { label: 'Champion', value: 'v2', note: 'since 2025-01-10' },
      { label: 'AUC, last week', value: '0.800', note: '+0.070 on the week before' },
      { label: 'Predicted, last week', value: '10.0\u00a0%', note: '5.0\u00a0% came true' },
      { label: 'Days with outcome', value: '14', note: 'since 2025-01-01' },
    ]);
  });

  test('weigh each day by its rows', () => {
    const [first, second] = sampleReport().days;
    if (first === undefined || second === undefined) throw new Error('the sample has days');
    const days = [
      { ...first, rows: 300, actual: 0.1 },
      { ...second, rows: 100, actual: 0.5 },
    ];
    expect(figuresOf(sampleReport({ days }))[2]?.note).toBe('20.0\u00a0% came true');
  });

  test('leave out days without AUC', () => {
    const days = sampleReport().days.map((day, index) => ({ ...day, auc: index === 13 ? 0.9 : undefined }));
    expect(figuresOf(sampleReport({ days }))[1]).toMatchObject({ value: '0.900', note: 'mean of the days' });
  });

  test('say what is not known yet', () => {
    expect(figuresOf(sampleReport({ champion: undefined, days: [], marks: [] }))).toEqual([
      { label: 'Champion', value: 'None', note: 'no version has passed the gate yet' },
      { label: 'AUC, last week', value: '–', note: 'not known yet' },
      { label: 'Predicted, last week', value: '–', note: 'not known yet' },
      { label: 'Days with outcome', value: '0', note: 'known 14 days later' },
    ]);
  });
});
