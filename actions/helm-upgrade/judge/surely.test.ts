import jstat from 'jstat';
import { describe, expect, test } from 'vitest';
import { surelyFewer, surelyMore } from './surely.ts';

describe('more than a share', () => {
  test.each([
    [3, 3, 0.01, 1e-5, true],
    [1, 20, 0.01, 1e-5, false],
    [20, 100, 0.01, 1e-5, true],
    [10, 1000, 0.01, 0.05, false],
    [11_000, 1_000_000, 0.01, 1e-9, true],
    [1, 5, 0, 1e-5, true],
    [0, 0, 0.01, 0.05, false],
    [0, 1000, 0.01, 0.05, false],
  ])('%i of %i against %f at a risk of %f: %s', (hits, tries, share, risk, expected) => {
    expect(surelyMore(hits, tries, share, risk)).toBe(expected);
  });
});

describe('fewer than a share', () => {
  test.each([
    [0, 299, 0.01, 0.05, true],
    [0, 100, 0.01, 0.05, false],
    [10, 1000, 0.01, 0.05, false],
    [5, 2000, 0.01, 0.01, true],
    [0, 0, 0.01, 0.05, false],
  ])('%i of %i against %f at a risk of %f: %s', (hits, tries, share, risk, expected) => {
    expect(surelyFewer(hits, tries, share, risk)).toBe(expected);
  });
});

test('it never cries out where the exact binomial probability is above the risk', () => {
  const risk = 0.001;
  let cried = 0;
  for (const tries of [20, 60, 250, 700]) {
    for (const share of [0.005, 0.01, 0.05]) {
      for (let hits = 1; hits <= 60 && hits <= tries; hits += 1) {
        const exact = jstat.ibeta(share, hits, tries - hits + 1);
        if (!surelyMore(hits, tries, share, risk)) continue;
        cried += 1;
        expect(exact).toBeLessThan(risk);
      }
    }
  }
  expect(cried).toBeGreaterThan(100);
});
