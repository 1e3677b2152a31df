import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { addDays } from './days.ts';
import { aucStandardError, findDrift, MIN_FALL } from './drift.ts';
import { auc } from './metrics.ts';
import type { DayOutcome } from './report.ts';

const rows = 20_000;

describe('the standard error of an AUC', () => {
  test('is that of the example in Hanley & McNeil 1982: 0.032', () => {
    expect(aucStandardError(0.893, 51, 58)).toBeCloseTo(0.0325, 4);
  });

  test('of a perfect order is zero', () => {
    expect(aucStandardError(1, 10, 10)).toBe(0);
  });
});

describe('drift', () => {
  const input = { version: 'v1', reference: { auc: 0.75 }, maturityDays: 7 };
  const steady = Array.from({ length: 30 }, () => 0.75);

  test('is not found in a steady AUC', () => {
    const found = findDrift({ ...input, days: outcomes(steady) });
    expect(found).toMatchObject({ drifted: false, since: undefined, day: undefined });
    expect(found.auc).toBeCloseTo(0.75, 12);
    expect(found.reason).toContain('AUC 0.750 over the last 7 mature days, 0.750 at promotion: not lower by more than');
  });

  test('of 0.05 with 20,000 rows and 8 % positives shows after four fallen days, not three', () => {
    const after = (fallen: number) => findDrift({ ...input, days: outcomes([...steady, ...fall(fallen, 0.7)]) });
    expect(after(3).drifted).toBe(false);
    expect(after(4)).toMatchObject({ drifted: true, day: '2026-02-03', since: '2026-02-10' });
  });

  test('keeps its day for as long as it lasts', () => {
    for (const fallen of [4, 5, 12, 40]) {
      const found = findDrift({ ...input, days: outcomes([...steady, ...fall(fallen, 0.7)]) });
      expect(found).toMatchObject({ drifted: true, day: '2026-02-03', since: '2026-02-10' });
    }
  });

  test('is over when the AUC is back', () => {
    const back = [...steady, ...fall(10, 0.7), ...fall(7, 0.75)];
    expect(findDrift({ ...input, days: outcomes(back) })).toMatchObject({ drifted: false, since: undefined });
  });

  test('needs a fall that matters, however many rows there are', () => {
    const millions = (value: number) => findDrift({ ...input, days: outcomes(fall(10, value), { rows: 50_000_000 }) });
    expect(millions(0.75 - MIN_FALL + 1e-6).drifted).toBe(false);
    expect(millions(0.75 - MIN_FALL - 1e-6).drifted).toBe(true);
  });

  test('needs more than chance: with 500 rows a day a fall of 0.05 shows nothing', () => {
    expect(findDrift({ ...input, days: outcomes(fall(30, 0.7), { rows: 500 }) }).drifted).toBe(false);
  });

  test('of a single day is none, nor with fewer than three mature days', () => {
    expect(findDrift({ ...input, days: outcomes([...steady, 0.6]) }).drifted).toBe(false);
    const two = findDrift({ ...input, days: outcomes([0.5, 0.5]) });
    expect(two).toEqual({ drifted: false, reason: '2 mature days of v1; drift is judged from 3 on' });
    expect(findDrift({ ...input, days: outcomes([0.5, 0.5, 0.5]) }).drifted).toBe(true);
  });

  test('does not see days of other versions, nor days without an AUC', () => {
    const others = outcomes([...steady, ...fall(10, 0.6)]).map((day, index) =>
      index < 30 ? day : { ...day, version: 'v2' },
    );
    expect(findDrift({ ...input, days: others })).toMatchObject({ drifted: false });
    const alike = outcomes([...steady, ...fall(4, 0.7)]).map((day) => ({ ...day, auc: undefined }));
    expect(findDrift({ ...input, days: alike }).reason).toBe('0 mature days of v1; drift is judged from 3 on');
  });
});

describe('a simulated year of customers who order on their own tastes', () => {
  test.each([1, 2, 3])('without a change raises no alarm (seed %d)', (seed) => {
    const { reference, days } = year({ seed, customers: 2000, changeDay: Infinity });
    const alarms = days.filter((_, index) => {
      return findDrift({ days: days.slice(0, index + 1), version: 'v1', reference, maturityDays: 7 }).drifted;
    });
    expect(days.length).toBeGreaterThan(350);
    expect(alarms).toEqual([]);
  });

  test('with a change of taste is noticed after it and within four weeks', () => {
    const { reference, days } = year({ seed: 4, customers: 5000, changeDay: 100 });
    const since = findDrift({ days: days.slice(0, 130), version: 'v1', reference, maturityDays: 7 }).since ?? '';
    expect(since > addDays('2026-01-01', 100)).toBe(true);
    expect(since <= addDays('2026-01-01', 128)).toBe(true);
  });
});

function fall(days: number, to: number): number[] {
  return Array.from({ length: days }, () => to);
}

function outcomes(aucs: readonly number[], change: Partial<DayOutcome> = {}): DayOutcome[] {
  return aucs.map((value, index) => ({
    day: addDays('2026-01-01', index),
    version: 'v1',
    rows,
    predicted: 0.08,
    actual: 0.08,
    auc: value,
    logLoss: 0.25,
    brier: 0.07,
    ...change,
  }));
}

/**
 * A champion's outcomes over a year in which days share their customers and the seven days of their labels, as in a real
 * shop. Orders follow a taste that the score sees and that moves slowly, one that it does not see, and the day of the
 * week; from the change on, the seen taste counts for less. The reference is the AUC of the first three days.
 */
function year(options: { seed: number; customers: number; changeDay: number }) {
  const random = xoroshiro128plus(options.seed);
  random.jump();
  const chance = () => uniformFloat64(random);
  // Uniform with mean 0 and variance 1; the shape does not matter here.
  const deviate = () => (chance() - 0.5) * Math.sqrt(12);
  const unseen = Float64Array.from({ length: options.customers }, deviate);
  let taste = Float64Array.from({ length: options.customers }, deviate);
  const scores: Float64Array[] = [];
  const orders: Uint8Array[] = [];
  for (let day = 0; day < 372; day += 1) {
    taste = taste.map((value) => 0.95 * value + Math.sqrt(1 - 0.95 ** 2) * deviate());
    const base = day % 7 > 4 ? -4.9 : -5.2;
    const weight = day < options.changeDay ? 1.2 : 0.4;
    const logits = taste.map((value, customer) => base + weight * value + 0.5 * (unseen[customer] ?? 0));
    orders.push(Uint8Array.from(logits, (logit) => Number(chance() < 1 / (1 + Math.exp(-logit)))));
    scores.push(taste);
  }
  const days = scores.slice(0, 365).map((score, day) => {
    const horizon = orders.slice(day + 1, day + 8);
    const labels = Uint8Array.from(score, (_, customer) => Number(horizon.some((ordered) => ordered[customer] === 1)));
    const actual = labels.reduce((sum, label) => sum + label, 0) / options.customers;
    return { day: addDays('2026-01-01', day), rows: options.customers, actual, auc: auc(labels, score) };
  });
  const reference = days.slice(0, 3).reduce((sum, day) => sum + (day.auc ?? 0) / 3, 0);
  const blank = { version: 'v1', predicted: 0.08, logLoss: 0.25, brier: 0.07 };
  return { reference: { auc: reference }, days: days.slice(3).map((day): DayOutcome => ({ ...blank, ...day })) };
}
