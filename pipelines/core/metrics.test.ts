import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import reference from '../../tests/reference/reference.json' with { type: 'json' };
import { auc, brier, calibration, figuresOf, LOG_LOSS_EPSILON, logLoss } from './metrics.ts';

const rows = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 20 })), {
  minLength: 1,
  maxLength: 60,
});

function split(pairs: readonly (readonly [number, number])[]): { labels: Uint8Array; scores: Float64Array } {
  return {
    labels: Uint8Array.from(pairs, ([label]) => label),
    scores: Float64Array.from(pairs, ([, score]) => score / 20),
  };
}

describe.each(reference.metrics)('against scikit-learn, $name', (expected) => {
  const labels = Uint8Array.from(expected.labels);
  const scores = Float64Array.from(expected.scores);

  test('AUC agrees to 1e-12', () => {
    expect(auc(labels, scores)).toBeCloseTo(expected.auc, 12);
  });

  test('log loss agrees to 1e-12', () => {
    expect(logLoss(labels, scores)).toBeCloseTo(expected.logLoss, 12);
  });

  test('the Brier score agrees to 1e-12', () => {
    expect(brier(labels, scores)).toBeCloseTo(expected.brier, 12);
  });
});

describe('AUC', () => {
  test('is the share of won pairs, ties counting half', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const positives = pairs.filter(([label]) => label === 1);
        const negatives = pairs.filter(([label]) => label === 0);
        fc.pre(positives.length > 0 && negatives.length > 0);
        let won = 0;
        for (const [, high] of positives) {
          for (const [, low] of negatives) won += high > low ? 1 : high === low ? 0.5 : 0;
        }
        const { labels, scores } = split(pairs);
        expect(auc(labels, scores)).toBe(won / (positives.length * negatives.length));
      }),
    );
  });

  test('of swapped labels is one minus itself', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const { labels, scores } = split(pairs);
        const value = auc(labels, scores);
        fc.pre(value !== undefined);
        const swapped = labels.map((label) => 1 - label);
        expect(auc(swapped, scores)).toBeCloseTo(1 - value, 12);
      }),
    );
  });

  test('of a constant score is one half', () => {
    expect(auc(Uint8Array.of(0, 1, 1, 0, 1), new Float32Array(5).fill(0.3))).toBe(0.5);
  });

  test('of one class is undefined', () => {
    expect(auc(Uint8Array.of(1, 1), Float32Array.of(0.1, 0.2))).toBeUndefined();
    expect(auc(Uint8Array.of(0), Float32Array.of(0.1))).toBeUndefined();
    expect(auc(new Uint8Array(), new Float32Array())).toBeUndefined();
  });

  test('of NaN scores ends', () => {
    expect(auc(Uint8Array.of(0, 1, 0), Float32Array.of(NaN, NaN, 0.1))).toBeTypeOf('number');
  });
});

describe('log loss', () => {
  test('of a sure and wrong score is finite', () => {
    expect(logLoss(Uint8Array.of(1), Float32Array.of(0))).toBeCloseTo(-Math.log(LOG_LOSS_EPSILON), 12);
    expect(logLoss(Uint8Array.of(0), Float32Array.of(1))).toBeCloseTo(-Math.log(LOG_LOSS_EPSILON), 8);
  });

  test('is the same for all scores beyond the clipping', () => {
    expect(logLoss(Uint8Array.of(1), Float64Array.of(LOG_LOSS_EPSILON / 2))).toBe(
      logLoss(Uint8Array.of(1), Float64Array.of(0)),
    );
  });
});

describe('calibration', () => {
  test('bins of equally many rows agree with scikit-learn to 1e-12', () => {
    const [untied] = reference.metrics;
    const { bins } = calibration(Uint8Array.from(untied?.labels ?? []), Float64Array.from(untied?.scores ?? []));
    const expected = untied?.calibration ?? [];
    expect(bins).toHaveLength(10);
    for (const [index, bin] of bins.entries()) {
      expect(bin.rows).toBe(60);
      expect(bin.predicted).toBeCloseTo(expected[index]?.predicted ?? NaN, 12);
      expect(bin.actual).toBeCloseTo(expected[index]?.actual ?? NaN, 12);
    }
  });

  test('keeps every row once, in rising bins, whatever the order of the rows', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (pairs, count) => {
        const { labels, scores } = split(pairs);
        const { bins, error } = calibration(labels, scores, count);
        const backwards = split(pairs.toReversed());
        const again = calibration(backwards.labels, backwards.scores, count);
        expect(bins.length).toBeLessThanOrEqual(count);
        expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(pairs.length);
        expect(bins.map((bin) => bin.predicted)).toEqual(bins.map((bin) => bin.predicted).toSorted((a, b) => a - b));
        expect(again.bins.map((bin) => bin.rows)).toEqual(bins.map((bin) => bin.rows));
        expect(again.error).toBeCloseTo(error, 12);
      }),
    );
  });

  test('of a constant score is one bin', () => {
    const { bins, error } = calibration(Uint8Array.of(0, 0, 1, 0), new Float64Array(4).fill(0.75));
    expect(bins).toEqual([{ predicted: 0.75, actual: 0.25, rows: 4 }]);
    expect(error).toBe(0.5);
  });

  test('weighs its error by rows', () => {
    const labels = Uint8Array.of(0, 0, 0, 1);
    const scores = Float64Array.of(0, 0, 0, 0.5);
    expect(calibration(labels, scores, 2).error).toBe(0.125);
  });
});

test('all figures at once are those of each function', () => {
  const labels = Uint8Array.of(0, 1, 0, 1);
  const scores = Float64Array.of(0.25, 0.5, 0.5, 0.75);
  expect(figuresOf(labels, scores)).toEqual({
    rows: 4,
    positives: 2,
    auc: 0.875,
    logLoss: logLoss(labels, scores),
    brier: (0.25 ** 2 + 0.5 ** 2 + 0.5 ** 2 + 0.25 ** 2) / 4,
    calibrationError: calibration(labels, scores).error,
  });
});

test('labels and scores of unlike length are a bug of the caller', () => {
  for (const figure of [auc, logLoss, brier, calibration]) {
    expect(() => figure(new Uint8Array(2), new Float32Array(3))).toThrow('2 labels, but 3 scores');
  }
});
