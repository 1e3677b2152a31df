import { expect, test } from 'vitest';
import { checkInferRequest } from './infer-request.ts';

const input = { name: 'features', shape: [1, 2], datatype: 'FP32', data: [1, 2] };
const withInput = (change: object) => ({ inputs: [input, { ...input, ...change }] });

test('a request comes back as it is, with what the protocol does not name and with null for what is not given', () => {
  for (const request of [
    { inputs: [] },
    { id: 'a1', inputs: [input], outputs: [{ name: 'score', parameters: { binary_data: true } }], model_name: 'shop' },
    {
      id: null,
      parameters: null,
      outputs: null,
      inputs: [{ ...input, data: null, parameters: { binary_data_size: 8 } }],
    },
    {
      parameters: { binary_data_output: false, prediction_ids: true, priority: 1 },
      inputs: [{ ...input, parameters: null }],
    },
  ]) {
    expect(checkInferRequest(request)).toBe(request);
  }
});

test.each([
  ['no object', [], ''],
  ['nothing', null, ''],
  ['a number as the id', { id: 7, inputs: [] }, 'id'],
  ['a list of parameters', { parameters: [], inputs: [] }, 'parameters'],
  ['a text as a flag', { parameters: { binary_data_output: 'yes' }, inputs: [] }, 'parameters.binary_data_output'],
  ['a number as a flag', { parameters: { prediction_ids: 1 }, inputs: [] }, 'parameters.prediction_ids'],
  ['no inputs', {}, 'inputs'],
  ['inputs that are an object', { inputs: { 0: input } }, 'inputs'],
  ['an input that is a list', { inputs: [input, []] }, 'inputs[1]'],
  ['a name that is no text', withInput({ name: ['features'] }), 'inputs[1].name'],
  ['a datatype that is no text', withInput({ datatype: 32 }), 'inputs[1].datatype'],
  ['a shape that is no list', withInput({ shape: '[1, 2]' }), 'inputs[1].shape'],
  ['a dimension below zero', withInput({ shape: [1, -2] }), 'inputs[1].shape[1]'],
  ['half a dimension', withInput({ shape: [0.5, 2] }), 'inputs[1].shape[0]'],
  ['a text as a dimension', withInput({ shape: ['1', 2] }), 'inputs[1].shape[0]'],
  ['a dimension beyond all numbers', withInput({ shape: [2 ** 60, 2] }), 'inputs[1].shape[0]'],
  ['data that are no list', withInput({ data: 'AAAA' }), 'inputs[1].data'],
  ['no data', withInput({ data: undefined }), 'inputs[1].data'],
  ['data twice', withInput({ parameters: { binary_data_size: 8 } }), 'inputs[1]'],
  ['parameters that are a text', withInput({ parameters: 'a' }), 'inputs[1].parameters'],
  ['a size below zero', withInput({ parameters: { binary_data_size: -8 } }), 'inputs[1].parameters.binary_data_size'],
  ['a text as a size', withInput({ parameters: { binary_data_size: '8' } }), 'inputs[1].parameters.binary_data_size'],
  [
    'shared memory',
    withInput({ data: undefined, parameters: { shared_memory_region: 'a' } }),
    'inputs[1].parameters.shared_memory_region',
  ],
  ['outputs that are no list', { inputs: [], outputs: 'score' }, 'outputs'],
  ['an output that is a text', { inputs: [], outputs: ['score'] }, 'outputs[0]'],
  ['an output without a name', { inputs: [], outputs: [{}] }, 'outputs[0].name'],
  [
    'an output flag that is no truth value',
    { inputs: [], outputs: [{ name: 'score', parameters: { binary_data: 1 } }] },
    'outputs[0].parameters.binary_data',
  ],
  [
    'classification, an extension that it does not have',
    { inputs: [], outputs: [{ name: 'score', parameters: { classification: 2 } }] },
    'outputs[0].parameters.classification',
  ],
  [
    'shared memory for an output',
    { inputs: [], outputs: [{ name: 'score', parameters: { shared_memory_region: 'a' } }] },
    'outputs[0].parameters.shared_memory_region',
  ],
])('%s is refused, with its place', (_, request, path) => {
  expect(() => checkInferRequest(request)).toThrow(
    expect.objectContaining({
      code: 'REQUEST_INVALID',
      path,
      message: expect.stringMatching(/\w\.$/) as string,
    }) as Error,
  );
});
