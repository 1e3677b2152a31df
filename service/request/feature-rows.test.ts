import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { encodeRows, type FeatureRow } from '../../pipelines/core/features.ts';
import type { ModelManifest } from '../../pipelines/core/manifest.ts';
import { checkRowCount, readRows, rowReader } from './feature-rows.ts';

const features: ModelManifest['features'] = {
  orders: { type: 'number' },
  tier: { type: 'category', values: ['basic', 'gold', '3'] },
};
const read = (...rows: unknown[]) => readRows(rowReader(features), rows, (index) => `rows[${index}]`);

describe('the rows of a request', () => {
  test('are laid out in the order of the features when each has a value of its type, or null', () => {
    expect(read({ orders: 3, tier: 'gold' }, { tier: null, orders: null }, { orders: -1.5, tier: 3 })).toEqual(
      Float32Array.of(3, 1, Number.NaN, Number.NaN, -1.5, 2),
    );
    expect(read()).toEqual(new Float32Array());
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
    expect(() => read(row)).toThrow(expect.objectContaining({ code, path }) as Error);
  });

  test('of a name that every object has are missing where they are not given', () => {
    const odd = rowReader(Object.fromEntries(['constructor', '__proto__'].map((name) => [name, { type: 'number' }])));
    const into = new Float32Array(2);
    const at = () => 'row';
    expect(() => {
      odd.read({}, into, 0, at);
    }).toThrow(expect.objectContaining({ code: 'FEATURE_MISSING' }) as Error);
    odd.read(JSON.parse('{"constructor": 1, "__proto__": 2}'), into, 0, at);
    expect([...into]).toEqual([1, 2]);
  });

  test('may be as many as the limit', () => {
    checkRowCount(3, 3, 'rows');
    expect(() => {
      checkRowCount(4, 3, 'rows');
    }).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID', path: 'rows' }) as Error);
  });

  describe('outside of a range', () => {
    const within = (outside: 'refuse' | 'clip' | 'missing', value: number) =>
      readRows(
        rowReader({ age: { type: 'number', range: { min: 18, max: 99.1, outside } } }),
        [{ age: value }],
        () => 'row',
      );

    test.each([17.9, 99.2])('%d is refused, clipped or missing, as the manifest has it', (value) => {
      expect(() => within('refuse', value)).toThrow(
        expect.objectContaining({
          code: 'FEATURE_OUT_OF_RANGE',
          path: 'row.age',
          message: `age must be at least 18 and at most 99.1, not ${value}.`,
        }) as Error,
      );
      expect(within('clip', value)).toEqual(Float32Array.of(value < 18 ? 18 : 99.1));
      expect(within('missing', value)).toEqual(Float32Array.of(Number.NaN));
    });

    test('the bounds themselves are within', () => {
      expect(within('refuse', 18)).toEqual(Float32Array.of(18));
      expect(within('refuse', 99.1)).toEqual(Float32Array.of(99.1));
    });
  });

  test('whatever JSON a row is, it is refused with a code or read as the mart encodes it', () => {
    const value = fc.oneof(fc.constantFrom('basic', 'gold', null), fc.double(), fc.jsonValue());
    const row = fc.oneof(fc.jsonValue(), fc.record({ orders: value, tier: value }));
    fc.assert(
      fc.property(row, (any) => {
        let values;
        try {
          values = read(any);
        } catch (error) {
          return error instanceof CleaverError;
        }
        const mart = encodeRows({ features }, [any as FeatureRow]);
        return values.every((number, index) => Object.is(number, mart[index]));
      }),
    );
  });
});
