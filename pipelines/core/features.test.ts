import { expect, test } from 'vitest';
import { encodedFeatureSql, encodeFeature, encodeRows } from './features.ts';

const category = { type: 'category', values: ['red', "o'clock"] } as const;

test('a category is the index of its value, and missing where the manifest does not name it', () => {
  expect(encodeFeature({ ...category, values: [...category.values] }, 'red')).toBe(0);
  expect(encodeFeature({ ...category, values: [...category.values] }, 'blue')).toBeNaN();
  expect(encodeFeature({ type: 'number' }, null)).toBeNaN();
});

test('rows are laid out row by row in the order of the manifest, absent features as missing', () => {
  const features = {
    size: { type: 'number' as const },
    colour: { type: 'category' as const, values: ['red', 'blue'] },
  };
  expect(encodeRows({ features }, [{ colour: 'blue', size: 3 }, { size: 0.1 }])).toEqual(
    Float32Array.of(3, 1, 0.1, Number.NaN),
  );
});

test('a quote in a category stays within its SQL text', () => {
  expect(encodedFeatureSql('colour', { ...category, values: [...category.values] })).toContain(
    "WHEN 'o''clock' THEN 1",
  );
});
