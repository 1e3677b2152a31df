import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTensor, type TensorRequest } from './tensor-request.ts';

const model = { input: 'features', output: 'score', featureCount: 2 };

function request(input: Partial<TensorRequest['inputs'][number]> = {}): TensorRequest {
  return { inputs: [{ name: 'features', shape: [2, 2], datatype: 'FP32', data: [1, 2, 3, 4], ...input }] };
}

describe('a tensor', () => {
  test('is the same flat and nested', () => {
    const rows = fc.array(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)));
    fc.assert(
      fc.property(rows, (nested) => {
        const shape = [nested.length, 2];
        const flat = readTensor(request({ shape, data: nested.flat() }), model);
        expect(readTensor(request({ shape, data: nested }), model)).toEqual(flat);
        expect(flat.values).toEqual(Float32Array.from(nested.flatMap(([first]) => [first, Number.NaN])));
      }),
    );
  });

  test.each([
    ['another name', { name: 'input' }, 'inputs[0].name'],
    ['another datatype', { datatype: 'FP64' }, 'inputs[0].datatype'],
    ['too few columns', { shape: [4, 1] }, 'inputs[0].shape'],
    ['one dimension', { shape: [4] }, 'inputs[0].shape'],
    ['three dimensions', { shape: [1, 2, 2] }, 'inputs[0].shape'],
    ['more rows than the limit', { shape: [10_001, 2] }, 'inputs[0].shape'],
    ['too little data', { data: [1, 2, 3] }, 'inputs[0].data'],
    ['nested rows of the wrong length', { data: [[1, 2, 3], [4]] }, 'inputs[0].data'],
    ['rows mixed with numbers', { data: [[1, 2], 3, 4] }, 'inputs[0].data'],
    [
      'deeper nesting',
      {
        data: [
          [[1], 2],
          [3, 4],
        ],
      },
      'inputs[0].data',
    ],
    ['a text in it', { data: [1, 2, 3, '4'] }, 'inputs[0].data'],
    ['a number too large for float32', { data: [1, 2, 3, 1e39] }, 'inputs[0].data'],
  ])('with %s is refused, with its place', (_, input, path) => {
    expect(() => readTensor(request(input), model)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', path }) as Error,
    );
  });

  test('comes alone, and asks for no output that is not there', () => {
    const { inputs } = request();
    expect(() => readTensor({ inputs: [] }, model)).toThrow('One input is wanted, not 0');
    expect(() => readTensor({ inputs: [...inputs, ...inputs] }, model)).toThrow('One input is wanted, not 2');
    expect(() => readTensor({ inputs, outputs: [{ name: 'label' }] }, model)).toThrow('The only output is "score"');
    expect(readTensor({ inputs, outputs: [{ name: 'score' }] }, model).rows).toBe(2);
  });
});
