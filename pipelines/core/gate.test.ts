import { describe, expect, test } from 'vitest';
import type { CleaverError } from './errors.ts';
import { judge, type GateInput } from './gate.ts';
import { figuresOf } from './metrics.ts';

const labels = Uint8Array.from({ length: 400 }, (_, row) => Number(row % 4 === 0));
const weak = { scores: scoresOf(0.2), sha256: 'a'.repeat(64) };
const strong = { scores: scoresOf(0.35), sha256: 'b'.repeat(64) };
const input: GateInput = {
  labels,
  entities: Int32Array.from(labels, (_, row) => row),
  champion: weak,
  challenger: strong,
  minClassRows: 100,
  confidence: 0.95,
  minGain: 0,
  resamples: 100,
  seed: 3,
};

describe('against a champion', () => {
  test('a surely better challenger is promoted, with figures and reasons for a person', () => {
    const { decision, reasons, champion, challenger, difference, intervals } = judge(input);
    expect(decision).toBe('promoted');
    expect([intervals?.champion?.value, intervals?.challenger.value]).toEqual([champion?.auc, challenger.auc]);
    expect(champion).toEqual(figuresOf(labels, weak.scores));
    expect(challenger).toEqual(figuresOf(labels, strong.scores));
    expect(difference?.value).toBeCloseTo((challenger.auc ?? NaN) - (champion?.auc ?? NaN), 12);
    expect(reasons).toEqual([
      expect.stringMatching(/^AUC \+0\.\d{3} \(0\.\d{3} to 0\.\d{3}\): better with 95 % confidence$/),
      expect.stringMatching(/^Log loss 0\.\d{5} against 0\.\d{5}: not worse$/),
    ]);
  });

  test('a worse challenger is refused', () => {
    const { decision, reasons } = judge({ ...input, champion: strong, challenger: weak });
    expect(decision).toBe('refused');
    expect(reasons).toEqual([
      expect.stringMatching(/^AUC -0\.\d{3} \(-0\.\d{3} to -0\.\d{3}\): not better with 95 % confidence$/),
      expect.stringMatching(/^Log loss .*: worse$/),
    ]);
  });

  test('a gain whose low end is exactly minGain is refused, a hair above it promoted', () => {
    const low = judge(input).difference?.low ?? NaN;
    const at = judge({ ...input, minGain: low });
    expect(at.decision).toBe('refused');
    expect(at.reasons[0]).toContain(`(${low.toFixed(6)} to `);
    expect(at.reasons[0]).toContain(`not better by more than ${low}`);
    expect(judge({ ...input, minGain: low - 1e-9 }).decision).toBe('promoted');
  });

  test('no gain at all is refused, though the log loss is better', () => {
    const sameOrder = { scores: weak.scores.map((score) => score * 0.9), sha256: 'c'.repeat(64) };
    const { decision, difference, reasons } = judge({ ...input, challenger: sameOrder });
    expect(difference).toEqual({ value: 0, low: 0, high: 0 });
    expect(reasons[1]).toMatch(/: not worse$/);
    expect(decision).toBe('refused');
  });

  test('a log loss that is exactly the same is not worse', () => {
    // Both kinds of score are clipped to the same one in the log loss, but not in the AUC.
    const flat = { scores: new Float64Array(400), sha256: 'd'.repeat(64) };
    const ordered = { scores: Float64Array.from(labels, (label) => label * 1e-9), sha256: 'e'.repeat(64) };
    const { decision, champion, challenger } = judge({ ...input, champion: flat, challenger: ordered });
    expect(challenger.logLoss).toBe(champion?.logLoss);
    expect(decision).toBe('promoted');
  });

  test('a worse log loss is refused, though the AUC is surely better', () => {
    const timid = { scores: strong.scores.map((score) => score * 0.05), sha256: 'f'.repeat(64) };
    const { decision, reasons } = judge({ ...input, challenger: timid });
    expect(decision).toBe('refused');
    expect(reasons[0]).toContain('better with 95 % confidence');
    expect(reasons[0]).not.toContain('not better');
    expect(reasons[1]).toMatch(/: worse$/);
  });

  test("the champion's own file is refused, whatever the data", () => {
    for (const minClassRows of [1, 10_000]) {
      const { decision, reasons } = judge({ ...input, challenger: weak, minClassRows });
      expect(decision).toBe('refused');
      expect(reasons).toEqual(["The challenger is the champion's own file (aaaaaaaaaaaa)"]);
    }
  });
});

describe('a first model', () => {
  test('that surely beats chance is promoted', () => {
    const { decision, reasons, champion, difference } = judge({ ...input, champion: undefined });
    expect(decision).toBe('promoted');
    expect(reasons).toEqual([
      expect.stringMatching(/^First model, AUC 0\.\d{3} \(0\.\d{3} to .*\): better than chance with 95 % confidence$/),
    ]);
    expect(champion).toBeUndefined();
    expect(difference).toBeUndefined();
  });

  test('whose interval begins exactly at one half is refused', () => {
    const constant = { scores: new Float32Array(400).fill(0.25), sha256: 'c'.repeat(64) };
    const { decision, reasons } = judge({ ...input, champion: undefined, challenger: constant });
    expect(decision).toBe('refused');
    expect(reasons[0]).toContain('AUC 0.500 (0.500 to 0.500): not better than chance');
  });
});

describe('too little data', () => {
  test('is one row of a class fewer than minClassRows', () => {
    expect(judge({ ...input, minClassRows: 100 }).decision).toBe('promoted');
    const { decision, reasons, difference } = judge({ ...input, minClassRows: 101 });
    expect(decision).toBe('insufficient-data');
    expect(reasons).toEqual(['The holdout has 100 positive and 300 negative rows; the gate needs 101 of each']);
    expect(difference).toBeUndefined();
  });

  test('is too few negatives as well', () => {
    const swapped = labels.map((label) => 1 - label);
    expect(judge({ ...input, labels: swapped, minClassRows: 101 }).decision).toBe('insufficient-data');
  });

  test('is a single entity', () => {
    const entities = new Int32Array(400);
    expect(judge({ ...input, entities }).decision).toBe('insufficient-data');
    expect(judge({ ...input, entities, champion: undefined }).decision).toBe('insufficient-data');
  });

  test('is no row', () => {
    const nothing = { labels: new Uint8Array(), entities: new Int32Array() };
    const challenger = { scores: new Float32Array(), sha256: 'b'.repeat(64) };
    expect(judge({ ...input, ...nothing, champion: undefined, challenger }).decision).toBe('insufficient-data');
  });
});

test.each([NaN, Infinity, -0.01, 1.01])('a score of %d is an error that names the model', (score) => {
  const broken = { scores: strong.scores.with(5, score), sha256: 'c'.repeat(64) };
  const error = expect.objectContaining({ code: 'MODEL_FILE_INVALID' }) as CleaverError;
  expect(() => judge({ ...input, challenger: broken })).toThrow(error);
  expect(() => judge({ ...input, challenger: broken })).toThrow("1 of the challenger's 400 holdout scores");
  expect(() => judge({ ...input, champion: broken })).toThrow("1 of the champion's 400 holdout scores");
});

/** Scores that tell the classes apart the better, the larger `weight` is. */
function scoresOf(weight: number): Float64Array {
  const noise = (row: number) => ((row * 7919) % 101) / 101;
  return Float64Array.from(labels, (label, row) => 0.05 + 0.6 * (weight * label + (1 - weight) * noise(row)));
}
