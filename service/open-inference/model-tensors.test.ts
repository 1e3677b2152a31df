import { expect, test } from 'vitest';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { namedRows, tensorsOf } from './model-tensors.ts';

const loaded = { version: fakeVersion('shop', 'v1', 'first'), scorer: { input: 'features', output: 'score' } };

test('the tensors of a version are made once', () => {
  expect(tensorsOf(loaded)).toBe(tensorsOf(loaded));
  expect(tensorsOf({ ...loaded })).not.toBe(tensorsOf(loaded));
});

test('rows can be read by the names of the features, categories by their own', () => {
  const values = Float32Array.of(0.5, 1, Number.NaN, Number.NaN, -1, 0);
  expect(namedRows(tensorsOf(loaded), { values, rows: 3 })).toEqual([
    { orders: 0.5, tier: 'gold' },
    { orders: null, tier: null },
    { orders: -1, tier: 'basic' },
  ]);
  expect(namedRows(tensorsOf(loaded), { values: new Float32Array(), rows: 0 })).toEqual([]);
});
