import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import reference from '../../tests/reference/reference.json' with { type: 'json' };
import { assignArm, compareArms, summarizeArm } from './experiment.ts';

const customers = Array.from({ length: 20_000 }, (_, index) => `customer-${index}`);
const heldOut = (name: string, holdoutShare: number) =>
  customers.map((id) => assignArm(id, { name, holdoutShare }) === 'holdout');

describe('arms', () => {
  test('are those of ever before', () => {
    const arms = ['1', '2', '3', 'a', 'b', '고객'].map((id) => assignArm(id, { name: 'model', holdoutShare: 0.5 }));
    expect(arms).toMatchInlineSnapshot(`
      [
        "holdout",
        "holdout",
        "treated",
        "treated",
        "treated",
        "holdout",
      ]
    `);
  });

  test.each([0.02, 0.1, 0.5])('hold out a share of %d', (share) => {
    const count = heldOut('model', share).filter(Boolean).length;
    const standardError = Math.sqrt(20_000 * share * (1 - share));
    expect(Math.abs(count - 20_000 * share)).toBeLessThan(3 * standardError);
  });

  test('are uniform: each tenth of the hash holds a tenth of the customers', () => {
    const upTo = Array.from({ length: 11 }, (_, tenth) => heldOut('model', tenth / 10).filter(Boolean).length);
    const counts = upTo.slice(1).map((count, tenth) => count - (upTo[tenth] ?? 0));
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    // The 99.9 % point of χ² with 9 degrees of freedom.
    expect(chiSquare).toBeLessThan(27.88);
  });

  test('of two experiments are independent', () => {
    const one = heldOut('spring', 0.5);
    const other = heldOut('summer', 0.5);
    const both = one.filter((out, index) => out && other[index]).length;
    expect(Math.abs(both - 5000)).toBeLessThan(3 * Math.sqrt(20_000 * 0.25 * 0.75));
  });

  test('only move into the holdout when its share grows', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.double({ min: 0, max: 1 }),
        fc.double({ min: 0, max: 1 }),
        (...drawn) => {
          const [id, name, one, other] = drawn;
          const smaller = assignArm(id, { name, holdoutShare: Math.min(one, other) });
          const larger = assignArm(id, { name, holdoutShare: Math.max(one, other) });
          expect(smaller === 'holdout' && larger === 'treated').toBe(false);
        },
      ),
    );
  });

  test('know shares of nothing and of all', () => {
    expect(heldOut('model', 0)).not.toContain(true);
    expect(heldOut('model', 1)).not.toContain(false);
  });
});

describe.each(reference.welch)("Welch's t test, $name", ({ treated, holdout, confidence, pValue, low, high }) => {
  const found = compareArms(treated, holdout, confidence);
  const standardError = Math.sqrt(treated.variance / treated.entities + holdout.variance / holdout.entities);

  test("agrees with SciPy's p-value to 1e-8", () => {
    expect(Math.abs((found?.pValue ?? NaN) - pValue)).toBeLessThan(1e-8);
  });

  test("agrees with the ends of statsmodels' interval to 1e-7 standard errors", () => {
    expect(Math.abs((found?.low ?? NaN) - low) / standardError).toBeLessThan(1e-7);
    expect(Math.abs((found?.high ?? NaN) - high) / standardError).toBeLessThan(1e-7);
  });
});

describe('a comparison', () => {
  const arm = { entities: 50, mean: 2, variance: 1 };

  test('of like arms finds nothing', () => {
    expect(compareArms(arm, arm, 0.95)).toMatchObject({ difference: 0, pValue: 1 });
  });

  test('excludes zero exactly when its p-value is below 1 − confidence', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (shift) => {
        const found = compareArms({ ...arm, mean: arm.mean + shift }, arm, 0.95);
        fc.pre(found !== undefined && Math.abs(found.pValue - 0.05) > 1e-6);
        expect(found.low > 0 || found.high < 0).toBe(found.pValue < 0.05);
      }),
    );
  });

  test('of fewer than two entities is undefined', () => {
    expect(compareArms({ ...arm, entities: 1 }, arm, 0.95)).toBeUndefined();
    expect(compareArms(arm, { ...arm, entities: 1 }, 0.95)).toBeUndefined();
  });

  test('without spread in both arms is undefined, in one it is not', () => {
    const still = { ...arm, variance: 0 };
    expect(compareArms(still, still, 0.95)).toBeUndefined();
    expect(compareArms(still, { ...arm, mean: 1 }, 0.95)).toMatchObject({ difference: 1 });
  });
});

describe('an arm', () => {
  test('is summed up by its mean and its sample variance', () => {
    expect(summarizeArm([1, 2, 3, 6])).toEqual({ entities: 4, mean: 3, variance: 14 / 3 });
    expect(summarizeArm([5])).toEqual({ entities: 1, mean: 5, variance: 0 });
    expect(summarizeArm([])).toBeUndefined();
  });
});
