import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import reference from '../../tests/reference/reference.json' with { type: 'json' };
import { aucInterval, pairedAucInterval } from './bootstrap.ts';
import { auc } from './metrics.ts';

const labels = Uint8Array.from(reference.delong.labels);
const champion = Float64Array.from(reference.delong.champion);
const challenger = Float64Array.from(reference.delong.challenger);
const oneRowEach = Int32Array.from(labels, (_, row) => row);
const options = { labels, entities: oneRowEach, confidence: 0.95, resamples: 2000, seed: 7 };

describe('against the standard errors of DeLong, one row per entity', () => {
  // 2,000 resamples leave about 3 % of noise in a 95 % percentile; the two methods differ by about as much.
  const tolerance = 0.1;

  test('the interval of a difference is as wide', () => {
    const interval = pairedAucInterval({ ...options, champion, challenger });
    const { difference, differenceError } = reference.delong;
    expect(interval?.difference.value).toBeCloseTo(difference, 12);
    expect(ratio(interval?.difference, differenceError)).toBeGreaterThan(1 - tolerance);
    expect(ratio(interval?.difference, differenceError)).toBeLessThan(1 + tolerance);
  });

  test('the interval of one AUC is as wide', () => {
    const interval = aucInterval({ ...options, scores: champion });
    expect(interval?.value).toBe(auc(labels, champion));
    expect(ratio(interval, reference.delong.championError)).toBeGreaterThan(1 - tolerance);
    expect(ratio(interval, reference.delong.championError)).toBeLessThan(1 + tolerance);
  });
});

describe('resampling', () => {
  const few = { ...options, resamples: 50 };

  test('repeats with its seed, and differs with another', () => {
    const first = pairedAucInterval({ ...few, champion, challenger });
    expect(pairedAucInterval({ ...few, champion, challenger })).toEqual(first);
    expect(pairedAucInterval({ ...few, champion, challenger, seed: 8 })).not.toEqual(first);
  });

  test('draws entities: rows written three times over leave the interval as it is', () => {
    const thrice = (rows: Uint8Array | Int32Array | Float64Array) =>
      Array.from({ length: rows.length * 3 }, (_, at) => rows[Math.floor(at / 3)] ?? 0);
    const tripled = {
      ...few,
      labels: Uint8Array.from(thrice(labels)),
      entities: Int32Array.from(thrice(oneRowEach)),
      champion: Float64Array.from(thrice(champion)),
      challenger: Float64Array.from(thrice(challenger)),
    };
    expect(pairedAucInterval(tripled)).toEqual(pairedAucInterval({ ...few, champion, challenger }));
  });

  test('draws both models alike: a model has no gain over itself, nor over the same order of scores', () => {
    const none = { value: 0, low: 0, high: 0 };
    const same = champion.map((score) => score / 2);
    expect(pairedAucInterval({ ...few, champion, challenger: champion })?.difference).toEqual(none);
    expect(pairedAucInterval({ ...few, champion, challenger: same })?.difference).toEqual(none);
  });

  test("each model's own interval is the one that it has alone", () => {
    const paired = pairedAucInterval({ ...few, champion, challenger });
    expect(paired?.champion).toEqual(aucInterval({ ...few, scores: champion }));
    expect(paired?.challenger).toEqual(aucInterval({ ...few, scores: challenger }));
  });

  test('draws any entity, the first and the last, and not all each time', () => {
    const two = { ...few, labels: Uint8Array.of(0, 1, 0, 1), entities: Int32Array.of(0, 0, 1, 1), confidence: 0.98 };
    const interval = aucInterval({ ...two, scores: Float64Array.of(0.9, 0.1, 0.2, 0.8) });
    expect(interval).toEqual({ value: 0.25, low: 0, high: 1 });
  });

  test('swapping the models mirrors the interval', () => {
    const ahead = pairedAucInterval({ ...few, champion, challenger });
    const behind = pairedAucInterval({ ...few, champion: challenger, challenger: champion });
    expect(behind?.difference.low).toBeCloseTo(-(ahead?.difference.high ?? NaN), 12);
    expect(behind?.difference.high).toBeCloseTo(-(ahead?.difference.low ?? NaN), 12);
    expect(behind?.champion).toEqual(ahead?.challenger);
  });

  test('gives a wider interval at a higher confidence', () => {
    const narrow = aucInterval({ ...few, scores: champion, confidence: 0.8 });
    const wide = aucInterval({ ...few, scores: champion, confidence: 0.99 });
    expect(wide?.low).toBeLessThan(narrow?.low ?? NaN);
    expect(wide?.high).toBeGreaterThan(narrow?.high ?? NaN);
  });

  test('of any rows with both classes keeps to [0, 1] and holds its order', () => {
    const row = fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 8 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), fc.integer(), (rows, seed) => {
        const entities = Int32Array.from(rows, ([, , entity]) => entity);
        const interval = aucInterval({
          labels: Uint8Array.from(rows, ([label]) => label),
          scores: Float64Array.from(rows, ([, score]) => score / 5),
          entities,
          confidence: 0.9,
          resamples: 20,
          seed,
        });
        fc.pre(interval !== undefined);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.low).toBeLessThanOrEqual(interval.high);
        expect(interval.high).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('there is no interval of one class, nor of one entity', () => {
  expect(aucInterval({ ...options, labels: labels.map(() => 1), scores: champion })).toBeUndefined();
  expect(aucInterval({ ...options, entities: oneRowEach.map(() => 0), scores: champion })).toBeUndefined();
});

test('arrays of unlike length are a bug of the caller', () => {
  expect(() => aucInterval({ ...options, scores: champion.slice(1) })).toThrow(
    '1200 labels, 1199 scores, 1200 entities',
  );
});

/** Half the width of a 95 % interval over that of a normal one with this standard error. */
function ratio(interval: { low: number; high: number } | undefined, standardError: number): number {
  return ((interval?.high ?? NaN) - (interval?.low ?? NaN)) / 2 / (1.96 * standardError);
}
