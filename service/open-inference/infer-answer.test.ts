import { expect, test } from 'vitest';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { inferAnswer } from './infer-answer.ts';
import type { InferRequest } from './infer-request.ts';
import { tensorsOf } from './model-tensors.ts';

const tensors = tensorsOf({
  version: fakeVersion('sh"op', 'v1', 'first'),
  scorer: { input: 'features', output: 'sc"ore' },
});
const scores = Float32Array.of(9, 0.5, 0.25).subarray(1);
const answer = (request: Omit<InferRequest, 'inputs'>, ids?: string[]) =>
  inferAnswer(tensors, { inputs: [], ...request }, scores, ids);
const output = { name: 'sc"ore', datatype: 'FP32', shape: [2] };

test('an answer in JSON has the id of the request, and the ids of the predictions where they are asked for', () => {
  const named = { model_name: 'sh"op', model_version: 'v1' };
  const outputs = [{ ...output, data: [0.5, 0.25] }];
  const parsed = (...args: Parameters<typeof answer>) => JSON.parse(answer(...args).body as string) as unknown;
  expect(parsed({})).toEqual({ ...named, outputs });
  expect(parsed({ id: null })).toEqual({ ...named, outputs });
  expect(parsed({ id: 'a"1' }, ['p-0', 'p-1'])).toEqual({
    ...named,
    id: 'a"1',
    parameters: { prediction_ids: ['p-0', 'p-1'] },
    outputs,
  });
  expect(answer({}).jsonBytes).toBeUndefined();
});

test('binary data follow the JSON', () => {
  const { body, jsonBytes = 0 } = answer({ id: 'größe', parameters: { binary_data_output: true } });
  const bytes = Buffer.from(body as Uint8Array);
  expect(JSON.parse(bytes.toString('utf8', 0, jsonBytes))).toEqual({
    model_name: 'sh"op',
    model_version: 'v1',
    id: 'größe',
    outputs: [{ ...output, parameters: { binary_data_size: 8 } }],
  });
  expect([bytes.readFloatLE(jsonBytes), bytes.readFloatLE(jsonBytes + 4), bytes.length]).toEqual([
    0.5,
    0.25,
    jsonBytes + 8,
  ]);
});

test.each([
  [undefined, undefined, false],
  [true, undefined, true],
  [true, false, false],
  [false, true, true],
  [undefined, true, true],
])('all outputs binary: %s, this one: %s, so it is: %s', (all, one, isBinary) => {
  const request = {
    ...(all === undefined ? {} : { parameters: { binary_data_output: all } }),
    outputs: [{ name: 'sc"ore', ...(one === undefined ? {} : { parameters: { binary_data: one } }) }],
  };
  expect(answer(request).jsonBytes !== undefined).toBe(isBinary);
});
