import { describe, expect, test } from 'vitest';
import { decimalsFor, numberText, percentText } from './number-text.ts';

describe('numbers for people', () => {
  test.each([
    [1234.5, 2, false, '1,234.50'],
    [-0.1, 2, false, '−0.10'],
    [0.3, 1, true, '+0.3'],
    [0, 1, true, '0.0'],
    [-0.001, 1, false, '0.0'],
    [Number.NaN, 2, false, '–'],
    [Number.POSITIVE_INFINITY, 2, false, '–'],
  ])('%d with %d decimals and sign %s reads %s', (value, decimals, sign, expected) => {
    expect(numberText(value, decimals, sign)).toBe(expected);
  });

  test('small shares keep two decimals', () => {
    expect([percentText(0.0733), percentText(0.0042), percentText(1)]).toEqual([
      '7.3\u00a0%',
      '0.42\u00a0%',
      '100.0\u00a0%',
    ]);
  });

  test('decimals show a quantity to two digits', () => {
    expect([0.44, 0.044, 12, 5.5, 0, Number.NaN].map(decimalsFor)).toEqual([2, 3, 0, 1, 2, 2]);
  });
});
