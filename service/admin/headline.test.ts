import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArmComparison } from '../../pipelines/core/experiment.ts';
import { headlineOf } from './headline.ts';
import { sampleReport } from '../../tests/support/sample-report.ts';

function headline(changes: Partial<ArmComparison>, valueUnit = 'EUR') {
  const { experiment } = sampleReport();
  if (experiment === undefined) throw new Error('the sample has an experiment');
  return headlineOf({ experiment: { ...experiment, ...changes }, valueUnit });
}

describe('the headline', () => {
  test('says what the model brought in when the interval lies above zero', () => {
    expect(headline({})).toEqual({
      verdict: 'more',
      sentence:
        'Customers the model could act on brought in 0.42 EUR more each than those it could not (between 0.20 and 0.64, 95\u00a0% sure).',
      detail: 'Over 1,800 customers acted on, against 200 left alone: about 756 EUR more in all (360 to 1,152).',
    });
  });

  test('keeps a digit of the end next to zero', () => {
    expect(headline({ difference: 0.6, low: 0.02, high: 1.27 }).sentence).toContain(
      '0.60 EUR more each than those it could not (between 0.02 and 1.27',
    );
  });

  test('says what it cost when the interval lies below', () => {
    const { verdict, sentence } = headline({ difference: -0.42, low: -0.64, high: -0.2 });
    expect(verdict).toBe('less');
    expect(sentence).toContain('0.42 EUR less each than those it could not (between 0.20 and 0.64');
  });

  test('does not take a side when the interval holds zero', () => {
    const { verdict, sentence } = headline({ difference: 0.1, low: -0.1, high: 0.3 }, 'orders');
    expect(verdict).toBe('unclear');
    expect(sentence).toContain('Cannot tell yet');
    expect(sentence).toContain('between −0.10 and +0.30 orders');
  });

  test('says that it is too early without a comparison, or with an interval that could not be had', () => {
    expect(headlineOf({ experiment: undefined, valueUnit: 'EUR' }).verdict).toBe('none');
    expect(headline({ low: Number.NaN, high: Number.NaN }).verdict).toBe('none');
  });

  test('takes a side exactly when zero lies outside the interval', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const { verdict } = headline({ difference: (low + high) / 2, low, high });
        expect(verdict).toBe(low > 0 ? 'more' : high < 0 ? 'less' : 'unclear');
      }),
    );
  });
});
