import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CleaverError } from '../pipelines/core/errors.ts';
import { encodeRows } from '../pipelines/core/features.ts';
import type { ModelManifest } from '../pipelines/core/manifest.ts';
import { checkRows } from './feature-rows.ts';

const features: ModelManifest['features'] = {
  orders: { type: 'number' },
  tier: { type: 'category', values: ['basic', 'gold', '3'] },
};
const check = (...rows: unknown[]) => checkRows(features, rows, (index) => `rows[${index}]`);

describe('the rows of a request', () => {
  test('pass when every feature has a value of its type, or null', () => {
    const rows = [
      { orders: 3, tier: 'gold' },
      { tier: null, orders: null },
      { orders: -1.5, tier: 3 },
    ];
    expect(check(...rows)).toEqual(rows);
    expect(check()).toEqual([]);
  });

  test.each([
    ['a text for a number', { orders: '3', tier: null }, 'REQUEST_INVALID', 'rows[0].orders'],
    ['a truth value for a number', { orders: true, tier: null }, 'REQUEST_INVALID', 'rows[0].orders'],
    ['an object for a number', { orders: {}, tier: null }, 'REQUEST_INVALID', 'rows[0].orders'],
    ['an infinite number', { orders: Number.POSITIVE_INFINITY, tier: null }, 'REQUEST_INVALID', 'rows[0].orders'],
    ['a number too large for float32', { orders: 1e39, tier: null }, 'REQUEST_INVALID', 'rows[0].orders'],
    ['an unknown category', { orders: 1, tier: 'silver' }, 'REQUEST_INVALID', 'rows[0].tier'],
    ['a list for a category', { orders: 1, tier: ['gold'] }, 'REQUEST_INVALID', 'rows[0].tier'],
    ['a missing feature', { orders: 1 }, 'FEATURE_MISSING', 'rows[0]'],
    ['an unknown feature', { orders: 1, tier: null, age: 40 }, 'FEATURE_UNKNOWN', 'rows[0]'],
    ['__proto__ as a feature', JSON.parse('{"orders":1,"tier":null,"__proto__":{}}'), 'FEATURE_UNKNOWN', 'rows[0]'],
    ['an inherited name as a feature', { orders: 1, tier: null, constructor: 1 }, 'FEATURE_UNKNOWN', 'rows[0]'],
    ['a list as a row', [1, 'gold'], 'REQUEST_INVALID', 'rows[0]'],
    ['null as a row', null, 'REQUEST_INVALID', 'rows[0]'],
  ])('%s is refused, with its place', (_, row: unknown, code, path) => {
    expect(() => check(row)).toThrow(expect.objectContaining({ code, path }) as Error);
  });

  test('ten thousand pass, one more is refused', () => {
    const rows = Array.from({ length: 10_000 }, () => ({ orders: 1, tier: 'gold' }));
    expect(check(...rows)).toHaveLength(10_000);
    expect(() => check(...rows, rows[0])).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error);
  });

  test('whatever JSON a row is, it is refused with a code or encodes to finite numbers and NaN', () => {
    const value = fc.oneof(fc.constantFrom('basic', 'gold', null), fc.double(), fc.jsonValue());
    const row = fc.oneof(fc.jsonValue(), fc.record({ orders: value, tier: value }));
    fc.assert(
      fc.property(row, (any) => {
        let rows;
        try {
          rows = check(any);
        } catch (error) {
          return error instanceof CleaverError;
        }
        return encodeRows({ features }, rows).every((number) => Number.isFinite(number) || Number.isNaN(number));
      }),
    );
  });
});
