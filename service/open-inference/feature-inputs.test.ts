import { expect, test } from 'vitest';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import type { InferInput } from './infer-request.ts';
import { tensorsOf } from './model-tensors.ts';
import { readRows } from './tensor-request.ts';

const model = tensorsOf({
  version: {
    ...fakeVersion('shop', 'v1', 'first'),
    features: {
      orders: { type: 'number', range: { min: 0, outside: 'refuse' } },
      age: { type: 'number', range: { max: 0.1, outside: 'missing' } },
      tier: { type: 'category', values: ['basic', 'gold'] },
    },
  },
  scorer: { input: 'features', output: 'score' },
});
const orders = { name: 'orders', shape: [2], datatype: 'INT64', data: [1, null] };
const age = { name: 'age', shape: [2, 1], datatype: 'FP64', data: [[0.05], [0.2]] };
const tier = { name: 'tier', shape: [2], datatype: 'BYTES', data: ['gold', 'basic'] };
const read = (inputs: InferInput[], binary = new Uint8Array()) => readRows({ inputs }, binary, model, 100);
const refused = (code: string, path: string) => expect.objectContaining({ code, path }) as Error;

test('each feature is an input, in any order, of its datatype, in JSON or in bytes', () => {
  const values = Float32Array.of(1, 0.05, 1, Number.NaN, Number.NaN, 0);
  expect(read([orders, age, tier])).toEqual({ values, rows: 2 });
  const inBytes = { name: 'tier', shape: [2, 1], datatype: 'BYTES', parameters: { binary_data_size: 17 } };
  const names = Buffer.from('\x04\0\0\0gold\x05\0\0\0basic');
  expect(read([inBytes, age, orders], names)).toEqual({ values, rows: 2 });
  const numbers = { name: 'age', shape: [2], datatype: 'FP64', parameters: { binary_data_size: 16 } };
  const bytes = Buffer.from(Float64Array.of(0.05, 0.2).buffer);
  expect(read([numbers, tier, orders], bytes)).toEqual({ values, rows: 2 });
});

test('the bound of a range is float32 for what comes as float32', () => {
  const [, first] = read([orders, { ...age, datatype: 'FP32', data: [0.1, Math.fround(0.1)] }, tier]).values;
  expect(first).toBe(Math.fround(0.1));
  const bytes = Buffer.from(Float32Array.of(0.1, 0.1).buffer);
  const inBytes = { name: 'age', shape: [2], datatype: 'FP32', parameters: { binary_data_size: 8 } };
  expect(read([inBytes, tier, orders], bytes).values[1]).toBe(Math.fround(0.1));
});

test('no rows are rows', () => {
  const none = [orders, age, tier].map((input) => ({ ...input, shape: [0], data: [] }));
  expect(read(none)).toEqual({ values: new Float32Array(), rows: 0 });
});

test.each([
  ['a feature that is not there', [orders, tier], 'FEATURE_MISSING', 'inputs'],
  ['one that the model does not know', [orders, age, tier, { ...age, name: 'x' }], 'FEATURE_UNKNOWN', 'inputs[3].name'],
  ['__proto__ as a feature', [orders, { ...age, name: '__proto__' }, tier], 'FEATURE_UNKNOWN', 'inputs[1].name'],
  ['an inherited name', [orders, { ...age, name: 'constructor' }, tier], 'FEATURE_UNKNOWN', 'inputs[1].name'],
  ['the one tensor beside features', [orders, { ...age, name: 'features' }], 'FEATURE_UNKNOWN', 'inputs[1].name'],
  ['a feature twice', [orders, age, orders, tier], 'REQUEST_INVALID', 'inputs[2].name'],
  ['two columns', [{ ...orders, shape: [1, 2] }, age, tier], 'REQUEST_INVALID', 'inputs[0].shape'],
  ['no dimension', [orders, { ...age, shape: [] }, tier], 'REQUEST_INVALID', 'inputs[1].shape'],
  ['three dimensions', [orders, { ...age, shape: [2, 1, 1] }, tier], 'REQUEST_INVALID', 'inputs[1].shape'],
  ['other rows', [orders, age, { ...tier, shape: [3] }], 'REQUEST_INVALID', 'inputs[2].shape'],
  ['a category as a number', [orders, age, { ...tier, datatype: 'INT32' }], 'REQUEST_INVALID', 'inputs[2].datatype'],
  ['a number as text', [{ ...orders, datatype: 'BYTES' }, age, tier], 'REQUEST_INVALID', 'inputs[0].datatype'],
  ['a datatype that is none', [{ ...orders, datatype: 'FP8' }, age, tier], 'REQUEST_INVALID', 'inputs[0].datatype'],
  ['too little data', [{ ...orders, data: [1] }, age, tier], 'REQUEST_INVALID', 'inputs[0].data'],
  ['half of an INT64', [{ ...orders, data: [1, 0.5] }, age, tier], 'REQUEST_INVALID', 'inputs[0].data[1]'],
  ['an infinite FP64', [orders, { ...age, data: [[1], [Infinity]] }, tier], 'REQUEST_INVALID', 'inputs[1].data[1][0]'],
  ['a value out of range', [{ ...orders, data: [1, -1] }, age, tier], 'FEATURE_OUT_OF_RANGE', 'inputs[0].data[1]'],
  ['an unknown category', [orders, age, { ...tier, data: ['gold', 'silver'] }], 'REQUEST_INVALID', 'inputs[2].data[1]'],
  ['an empty category', [orders, age, { ...tier, data: ['', 'gold'] }], 'REQUEST_INVALID', 'inputs[2].data[0]'],
  ['a number in a category', [orders, age, { ...tier, data: ['gold', 1] }], 'REQUEST_INVALID', 'inputs[2].data[1]'],
])('%s is refused, with its place', (_, inputs, code, path) => {
  expect(() => read(inputs)).toThrow(refused(code, path));
});

test('more rows than the limit are refused', () => {
  const many = [orders, age, tier].map((input) => ({ ...input, shape: [101] }));
  expect(() => read(many)).toThrow(refused('REQUEST_INVALID', 'inputs[0].shape'));
});

test('bytes of another size than the shape and the datatype ask for are refused', () => {
  const short = { name: 'orders', shape: [2], datatype: 'INT64', parameters: { binary_data_size: 15 } };
  expect(() => read([short, age, tier], new Uint8Array(15))).toThrow(
    refused('REQUEST_INVALID', 'inputs[0].parameters.binary_data_size'),
  );
});

test('what is no text is no category', () => {
  expect(() => read([orders, age, { ...tier, data: ['gold', 1] }])).toThrow(
    'tier must be one of basic, gold, or null.',
  );
});

test('what a category must be is told with the first ten', () => {
  const values = Array.from({ length: 11 }, (_, index) => `c${index}`);
  const wide = tensorsOf({
    version: { ...fakeVersion('shop', 'v1', 'first'), features: { kind: { type: 'category', values } } },
    scorer: { input: 'features', output: 'score' },
  });
  const kind = { name: 'kind', shape: [1], datatype: 'BYTES', data: ['d'.repeat(100)] };
  expect(() => readRows({ inputs: [kind] }, new Uint8Array(), wide, 100)).toThrow(
    `kind must be one of c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, …, not "${'d'.repeat(60)}…".`,
  );
});
