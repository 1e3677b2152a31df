import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { brokenRequests, isReadOrRefused } from '../../tests/fuzz/open-inference-faults.ts';
import { goodRequests, readSent } from '../../tests/fuzz/open-inference-requests.ts';
import type { Feature } from '../../pipelines/core/manifest.ts';
import type { InferInput, InferRequest } from './infer-request.ts';
import { tensorsOf } from './model-tensors.ts';
import { rawRequest, readRows } from './tensor-request.ts';

const modelOf = (features: Record<string, Feature>, input = 'features') =>
  tensorsOf({ version: { ...fakeVersion('shop', 'v1', 'first'), features }, scorer: { input, output: 'score' } });
const model = modelOf({ x0: { type: 'number' }, x1: { type: 'number' } });
const NO_BYTES = new Uint8Array();
const bytesOf = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

function request(input: Partial<InferInput> = {}): InferRequest {
  return { inputs: [{ name: 'features', shape: [2, 2], datatype: 'FP32', data: [1, 2, 3, 4], ...input }] };
}

function binary(shape: number[], bytes: number): InferRequest {
  return { inputs: [{ name: 'features', shape, datatype: 'FP32', parameters: { binary_data_size: bytes } }] };
}

describe('the one tensor', () => {
  test('is the same flat, nested and in bytes', () => {
    const rows = fc.array(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)));
    fc.assert(
      fc.property(rows, (nested) => {
        const shape = [nested.length, 2];
        const flat = readRows(request({ shape, data: nested.flat() }), NO_BYTES, model, 100);
        expect(readRows(request({ shape, data: nested }), NO_BYTES, model, 100)).toEqual(flat);
        const values = Float32Array.from(nested.flatMap(([first]) => [first, Number.NaN]));
        expect(flat).toEqual({ values, rows: nested.length });
        expect(readRows(binary(shape, values.byteLength), new Uint8Array(values.buffer), model, 100)).toEqual(flat);
      }),
    );
  });

  test.each([
    ['another datatype', { datatype: 'FP64' }, 'inputs[0].datatype'],
    ['too few columns', { shape: [4, 1] }, 'inputs[0].shape'],
    ['one dimension', { shape: [4] }, 'inputs[0].shape'],
    ['three dimensions', { shape: [1, 2, 2] }, 'inputs[0].shape'],
    ['no dimension', { shape: [] }, 'inputs[0].shape'],
    ['more rows than the limit', { shape: [101, 2] }, 'inputs[0].shape'],
    ['a shape of huge product', { shape: [2 ** 52, 2] }, 'inputs[0].shape'],
    ['too little data', { data: [1, 2, 3] }, 'inputs[0].data'],
    ['nested rows of the wrong length', { data: [[1, 2, 3], [4]] }, 'inputs[0].data'],
    ['rows mixed with numbers', { data: [[1, 2], 3, 4] }, 'inputs[0].data'],
    ['numbers mixed with rows', { data: [1, 2, 3, [4]] }, 'inputs[0].data[3]'],
    [
      'deeper nesting',
      {
        data: [
          [1, 2],
          [[3], 4],
        ],
      },
      'inputs[0].data[1][0]',
    ],
    ['a text in it', { data: [1, 2, 3, '4'] }, 'inputs[0].data[3]'],
    ['a hole in it', { data: [1, 2, undefined, 4] }, 'inputs[0].data[2]'],
    ['a number too large for float32', { data: [1, 2, 3, 1e39] }, 'inputs[0].data[3]'],
  ])('with %s is refused, with its place', (_, input, path) => {
    expect(() => readRows(request(input), NO_BYTES, model, 100)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', path }) as Error,
    );
  });

  test('in bytes must have the size of its shape, and no infinite value', () => {
    const invalidAt = (path: string) => expect.objectContaining({ code: 'REQUEST_INVALID', path }) as Error;
    expect(() => readRows(binary([1, 2], 4), bytesOf(1), model, 100)).toThrow(
      invalidAt('inputs[0].parameters.binary_data_size'),
    );
    for (const value of [Infinity, -Infinity]) {
      expect(() => readRows(binary([1, 2], 8), bytesOf(1, value), model, 100)).toThrow(invalidAt('inputs[0]'));
    }
  });

  test('has a category as its index, and numbers within their ranges', () => {
    const strict = modelOf({
      age: { type: 'number', range: { min: 0.1, max: 9, outside: 'refuse' } },
      tier: { type: 'category', values: ['basic', 'gold'] },
    });
    const read = (...data: (number | null)[]) => [
      ...readRows(request({ shape: [1, 2], data }), NO_BYTES, strict, 100).values,
    ];
    expect(read(0.1, 1)).toEqual([Math.fround(0.1), 1]);
    expect(read(null, null)).toEqual([Number.NaN, Number.NaN]);
    expect(() => read(9.5, 1)).toThrow(
      expect.objectContaining({
        code: 'FEATURE_OUT_OF_RANGE',
        path: 'inputs[0].data[0]',
        message: 'age must be at least 0.1 and at most 9, not 9.5.',
      }) as Error,
    );
    for (const index of [2, -1, 0.5]) {
      expect(() => read(1, index)).toThrow(
        expect.objectContaining({ code: 'REQUEST_INVALID', path: 'inputs[0].data[1]' }) as Error,
      );
    }
  });

  test('called like the only feature is that feature', () => {
    const single = modelOf({ tier: { type: 'category', values: ['basic', 'gold'] } }, 'tier');
    const sent = { inputs: [{ name: 'tier', shape: [2, 1], datatype: 'BYTES', data: ['gold', null] }] };
    expect(readRows(sent, NO_BYTES, single, 100)).toEqual({ values: Float32Array.of(1, Number.NaN), rows: 2 });
  });
});

test('only outputs that are there are given, each once', () => {
  const { inputs } = request();
  const read = (...names: string[]) =>
    readRows({ inputs, outputs: names.map((name) => ({ name })) }, NO_BYTES, model, 100).rows;
  expect([read(), read('score')]).toEqual([2, 2]);
  expect(() => read('label')).toThrow('The only output is "score"');
  expect(() => read('score', 'score')).toThrow(
    expect.objectContaining({ path: 'outputs[1].name', message: 'The output comes twice.' }) as Error,
  );
});

test('no input is refused', () => {
  expect(() => readRows({ inputs: [] }, NO_BYTES, model, 100)).toThrow(
    expect.objectContaining({ code: 'REQUEST_INVALID', path: 'inputs', message: 'There is no input.' }) as Error,
  );
});

test('a body without JSON is as many rows as it has bytes for', () => {
  const bytes = bytesOf(1, 2, 3, 4);
  expect(readRows(rawRequest(bytes, model), bytes, model, 100)).toEqual({
    values: Float32Array.of(1, 2, 3, 4),
    rows: 2,
  });
  expect(() => rawRequest(bytesOf(1), model)).toThrow(
    expect.objectContaining({ code: 'REQUEST_INVALID', path: 'body' }) as Error,
  );
});

describe('any request', () => {
  test('that is good reads as it is meant, in every form', () => {
    fc.assert(
      fc.property(goodRequests, ({ meant, ...sent }) => {
        expect(readSent(sent)).toEqual(meant);
      }),
    );
  });

  test('that is not is refused with its place, or reads as values that a model may be given', () => {
    fc.assert(fc.property(brokenRequests, isReadOrRefused), { numRuns: 400 });
  });
});
