import { describe, expect, test } from 'vitest';
import { exampleRequests, exampleTensor, rowSchema, rowsRequestSchema, schemaName } from './model-schemas.ts';

const model = {
  model: 'shop',
  version: 'v1',
  input: 'features',
  hasExperiment: true,
  features: {
    orders: { type: 'number' as const, description: 'In 28 days.' },
    age: { type: 'number' as const, range: { min: 18, max: 120, outside: 'refuse' as const } },
    spent: { type: 'number' as const, range: { min: 0, outside: 'clip' as const }, description: 'In EUR.' },
    visits: { type: 'number' as const, range: { max: 0.5, outside: 'missing' as const } },
    tier: { type: 'category' as const, values: ['basic', 'gold'], description: 'Of the card.' },
    zone: { type: 'category' as const, values: ['1', '02'] },
  },
};
const float32 = { exclusiveMinimum: -3.4028235677973366e38, exclusiveMaximum: 3.4028235677973366e38 };

describe('the schema of a row', () => {
  const { properties, required, additionalProperties } = rowSchema(model);

  test.each([
    ['a number is any that is finite as float32', 'orders', { ...float32, description: 'In 28 days.' }],
    ['a bound that is refused beyond is one of the schema', 'age', { minimum: 18, maximum: 120 }],
    [
      'a bound at which a value is clipped is told',
      'spent',
      { ...float32, description: 'In EUR. Outside of 0 to ∞ the nearer bound stands for it.' },
    ],
    [
      'a bound beyond which a value is missing is told',
      'visits',
      { ...float32, description: 'Outside of −∞ to 0.5 it counts as not known.' },
    ],
  ])('%s', (_, name, expected) => {
    expect(properties?.[name]).toEqual({ type: ['number', 'null'], ...expected });
  });

  test('a category is one of its values or null', () => {
    expect(properties?.['tier']).toEqual({
      type: ['string', 'null'],
      enum: ['basic', 'gold', null],
      description: 'Of the card.',
    });
  });

  test('a category that is called like a number may come as one', () => {
    expect(properties?.['zone']).toEqual({ type: ['string', 'number', 'null'], enum: ['1', '02', 1, null] });
  });

  test('every feature is asked for, and nothing else', () => {
    expect(required).toEqual(Object.keys(model.features));
    expect(additionalProperties).toBe(false);
  });

  test('the float32 bound is the first number that is infinite', () => {
    expect(Math.fround(float32.exclusiveMaximum)).toBe(Infinity);
    expect(Math.fround(3.4028235677973362e38)).toBeLessThan(Infinity);
  });
});

describe('the examples of a model', () => {
  const row = { orders: 1, age: 18, spent: 1, visits: 0.5, tier: 'basic', zone: '1' };

  test('lie within the ranges', () => {
    expect(exampleRequests(model, 'RowsRequest')).toEqual({
      one: { value: { row } },
      many: { value: { rows: [row, row] } },
    });
    expect(exampleTensor(model)).toEqual({
      inputs: [{ name: 'features', shape: [1, 6], datatype: 'FP32', data: [1, 18, 1, 0.5, 0, 0] }],
    });
  });

  test('name entities where a decision needs them, as the schema does', () => {
    expect(exampleRequests(model, 'DecideRequest')).toEqual({
      one: { value: { row, entity: 'c1' } },
      many: { value: { rows: [row, row], entities: ['c1', 'c2'] } },
    });
    expect(rowsRequestSchema(model, 'DecideRequest').oneOf).toMatchObject([
      { required: ['row', 'entity'] },
      { required: ['rows', 'entities'] },
    ]);
    expect(rowsRequestSchema(model, 'RowsRequest').oneOf).toMatchObject([
      { required: ['row'] },
      { required: ['rows'] },
    ]);
  });
});

test('a schema is called by a name that OpenAPI allows', () => {
  expect(schemaName('Row', 'shop/größe 1')).toBe('Row_shop_gr__e_1');
});
