import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../../pipelines/core/days.ts';
import type { DayOutcome, ModelReport } from '../../pipelines/core/report.ts';
import type { EvaluateResult } from '../../pipelines/steps/evaluate.ts';
import { championDrift, reportPage, type PageInput } from './page.ts';

const RUN = 'https://github.com/owner/shop/actions/runs/1234';
const figures = { rows: 900, positives: 90, auc: 0.75, logLoss: 0.28, brier: 0.08, calibrationError: 0.01 };

const judgement: EvaluateResult = {
  decision: 'promoted',
  reasons: ['AUC +0.020 (0.010 to 0.030): better', 'Log loss 0.27000 against 0.28000: not worse'],
  champion: figures,
  challenger: { ...figures, auc: 0.77, logLoss: 0.27 },
  difference: { value: 0.02, low: 0.01, high: 0.03 },
  intervals: { champion: { value: 0.75, low: 0.74, high: 0.76 }, challenger: { value: 0.77, low: 0.76, high: 0.78 } },
  challengerVersion: 'v2',
  championVersion: 'v1',
  holdout: { from: '2025-01-10', to: '2025-01-13' },
};

function days(count: number, change: Partial<DayOutcome> = {}): DayOutcome[] {
  return Array.from({ length: count }, (_, at) => ({
    day: addDays('2025-01-01', at),
    version: at < 10 ? 'v1' : 'v2',
    rows: 300,
    predicted: 0.1 + at / 1000,
    actual: 0.11,
    auc: 0.7 + at / 1000,
    logLoss: 0.3,
    brier: 0.09,
    ...change,
  }));
}

function reportOf(change: Partial<ModelReport> = {}): ModelReport {
  return {
    model: 'shop',
    title: 'Who orders',
    asOf: '2025-03-01',
    champion: 'v1',
    maturityDays: 7,
    valueUnit: 'EUR',
    days: days(20),
    marks: [],
    ...change,
  };
}

function page(change: Partial<PageInput> = {}): string {
  return reportPage({ report: reportOf(), judgement, run: RUN, commit: '0123456789abcdef', ...change });
}

test('a trial says that nothing is promoted by it, and nothing else does', () => {
  expect(page({ isTrial: true })).toContain('nothing is promoted by it');
  expect(page()).not.toContain('nothing is promoted');
});

describe('the judgement', () => {
  test('stands first, in words, with its figures, intervals and reasons', () => {
    expect(page()).toContain(`## ✅ v2 passed the gate against v1

**Who orders**

Champion is v1. Judged on the days from 2025-01-10 until before 2025-01-13.

| | champion v1 | challenger v2 | difference |
| - | - | - | - |
| AUC | 0.750 (0.740 to 0.760) | 0.770 (0.760 to 0.780) | +0.020 (0.010 to 0.030) |
| Log loss | 0.28000 | 0.27000 | -0.01000 |
| Brier score | 0.08000 | 0.08000 | +0.00000 |
| Calibration error | 0.01000 | 0.01000 | +0.00000 |
| Rows (positive) | 900 (90) | 900 (90) | |

- AUC +0.020 (0.010 to 0.030): better
- Log loss 0.27000 against 0.28000: not worse
`);
  });

  test.each([
    ['refused', '## ⛔ v2 was refused against v1'],
    ['insufficient-data', '## ❔ v2 could not be judged against v1: too little data'],
  ] as const)('%s is said', (decision, headline) => {
    expect(page({ judgement: { ...judgement, decision } })).toContain(headline);
  });

  test('of a first model has no column for a champion', () => {
    const first = { ...judgement, champion: undefined, championVersion: undefined, difference: undefined };
    const text = page({ judgement: { ...first, intervals: { challenger: { value: 0.77, low: 0.76, high: 0.78 } } } });
    expect(text).toContain('## ✅ v2 passed the gate\n');
    expect(text).toContain('| | challenger v2 |\n| - | - |\n| AUC | 0.770 (0.760 to 0.780) |');
  });

  test('of an old record has no intervals of its own', () => {
    expect(page({ judgement: { ...judgement, intervals: undefined } })).toContain(
      '| AUC | 0.750 | 0.770 | +0.020 (0.010 to 0.030) |',
    );
  });

  test('on rows of one class has no AUC; JSON knows no NaN', () => {
    const challenger = { ...figures, auc: undefined, brier: null as unknown as number };
    const text = page({ judgement: { ...judgement, decision: 'insufficient-data', challenger, intervals: undefined } });
    expect(text).toContain('| AUC | 0.750 | – |');
    expect(text).toContain('| Brier score | 0.08000 | – | – |');
  });

  test('may not be there yet', () => {
    const text = page({ judgement: undefined, report: reportOf({ champion: undefined, days: [] }) });
    expect(text).toBe(`## No challenger has been judged yet

**Who orders**

There is no champion yet.

What became of predictions is known after 7 days; no day is so old yet.

<sub>[This run](${RUN}) · commit \`0123456789ab\` · all days until 2025-03-01</sub>
`);
  });
});

describe('drift', () => {
  const mark = { day: '2025-01-09', kind: 'drift', version: 'v1', text: 'AUC fell' } as const;

  test('of the champion is said, with its day and reason', () => {
    const report = reportOf({ marks: [mark] });
    expect(page({ report })).toContain('> ⚠️ v1 has drifted, known since 2025-01-09: AUC fell\n');
    expect(championDrift(report)).toEqual(mark);
  });

  test('of a former champion is history', () => {
    const report = reportOf({ champion: 'v2', marks: [mark] });
    const text =
      'v2 has not drifted, by its 10 days with mature labels. The last to drift was v1, known since 2025-01-09.';
    expect(page({ report })).toContain(text);
    expect(championDrift(report)).toBeUndefined();
  });

  test('is not known before labels are mature', () => {
    const report = reportOf({ champion: 'v3' });
    expect(page({ report })).toContain('Whether v3 drifts is not known yet: none of its days has mature labels.');
  });
});

describe('charts', () => {
  const charts = (text: string) => [...text.matchAll(/```mermaid\n([^]*?)\n```/g)].map(([, chart = '']) => chart);
  const listOf = (chart: string | undefined, name: string) =>
    (new RegExp(`^ {2}${name} \\[(.*)\\]$`, 'm').exec(chart ?? '')?.[1] ?? '').split(', ');

  test('have a place of its own on the axis for each day, and a label where the version changes', () => {
    const [outcome] = charts(page());
    const labels = listOf(outcome, 'x-axis');
    expect(new Set(labels).size).toBe(20);
    const seen = labels.map((label, at) => [at, label.replaceAll(/["\u200b]/g, '')]).filter(([, label]) => label);
    expect(seen).toEqual([
      [0, '01-01 v1'],
      [5, '01-06'],
      [10, '01-11 v2'],
      [15, '01-16'],
    ]);
    expect([listOf(outcome, 'bar').length, listOf(outcome, 'line').length]).toEqual([20, 20]);
  });

  test('show the last 40 days, and say of how many', () => {
    const text = page({ report: reportOf({ days: days(100) }) });
    for (const chart of charts(text)) expect(listOf(chart, 'line')).toHaveLength(40);
    expect(text).toContain('The last 40 of 100 days with mature labels.');
  });

  test('of the AUC leave out days of one class, and there is none where all are', () => {
    const mixed = [...days(5), ...days(3, { auc: undefined })];
    expect(listOf(charts(page({ report: reportOf({ days: mixed }) }))[1], 'line')).toHaveLength(5);
    expect(charts(page({ report: reportOf({ days: days(3, { auc: undefined }) }) }))).toHaveLength(1);
  });

  test('are drawn of one day, of values that are all alike, and of none but zeros', () => {
    for (const some of [
      days(1),
      days(5, { auc: 0.5, predicted: 0.1, actual: 0.1 }),
      days(2, { predicted: 0, actual: 0 }),
    ]) {
      for (const chart of charts(page({ report: reportOf({ days: some }) }))) {
        const [, low, high] = /y-axis (\S+) --> (\S+)/.exec(chart) ?? [];
        expect(Number(low)).toBeLessThan(Number(high));
      }
    }
  });
});

test('treated and held-out entities are compared where there are both', () => {
  const arm = { entities: 100, mean: 2, variance: 1 };
  const experiment = {
    treated: arm,
    holdout: { ...arm, mean: 1.5 },
    difference: 0.5,
    low: 0.2,
    high: 0.8,
    confidence: 0.95,
    pValue: 0.00123,
  };
  const text = page({ report: reportOf({ experiment }) });
  expect(text).toContain('#### Treated against held out: +0.500 (0.200 to 0.800) EUR per entity');
  expect(text).toContain('| EUR per entity | 2.000 | 1.500 |\n\n95 % confidence, p = 0.0012.');
});

describe('any page', () => {
  const anything = fc.record({
    title: fc.string({ unit: 'binary' }),
    reasons: fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 60 }),
    dayCount: fc.nat(80),
    maxLength: fc.integer({ min: 600, max: 12_000 }),
  });

  test('keeps to its length, closes what it opens, and says when it is cut', () => {
    fc.assert(
      fc.property(anything, ({ title, reasons, dayCount, maxLength }) => {
        const input = { report: reportOf({ title, days: days(dayCount) }), judgement: { ...judgement, reasons } };
        const whole = page(input);
        const text = page({ ...input, maxLength });
        expect(text.length).toBeLessThanOrEqual(maxLength);
        expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
        expect(text.split('<details>').length).toBe(text.split('</details>').length);
        expect(text.endsWith('</sub>\n')).toBe(true);
        if (whole.length <= maxLength) expect(text).toBe(whole);
        else
          expect(text).toContain(
            `_Cut here: GitHub takes ${maxLength} characters. The whole report is in the summary of [this run](${RUN})._`,
          );
      }),
    );
  });

  test('is cut at a line: what is left of it stands in the whole one', () => {
    const reasons = Array.from({ length: 3000 }, (_, at) => `reason ${at} ${'x'.repeat(30)}`);
    const input = { judgement: { ...judgement, reasons } };
    const text = page({ ...input, maxLength: 65_536 });
    expect(text.length).toBeGreaterThan(65_000);
    expect(page(input).startsWith(text.slice(0, text.indexOf('_Cut here')).trimEnd())).toBe(true);
    expect(text).toMatch(/x{30}\n\n_Cut here/);
  });

  test('takes text from elsewhere as text', () => {
    const hostile = '</details><script>alert(1)</script>\n# @everyone ![x](https://example.org/x.png) ```mermaid';
    const text = page({
      report: reportOf({
        title: hostile,
        valueUnit: hostile,
        marks: [{ day: '2025-01-09', kind: 'drift', version: 'v1', text: hostile }],
      }),
      judgement: { ...judgement, reasons: [hostile] },
    });
    expect(text).not.toMatch(
      /(?<!\\)<script|<\/details>\\?<|@everyone|(?<!\\)!?(?<!\\)\[x|https:\/\/example|(?<!\\)```mermaid\n(?!---)/,
    );
    expect(text.split('```mermaid\n')).toHaveLength(3);
  });
});
