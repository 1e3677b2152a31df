import { expect, test } from 'vitest';
import { bodyOf, largeBody, requestOf, scoreIn } from './bodies.ts';
import { FEATURES } from './model.ts';

const model = {
  rows: Float32Array.from({ length: 2 * FEATURES.length }, (_, index) => index / 16),
  input: 'features',
  rowCount: 2,
};

test.each([
  ['rows', (body: { row: Record<string, number> }) => FEATURES.map((name) => body.row[name])],
  ['v2', (body: { inputs: { data: number[] }[] }) => body.inputs[0]?.data],
  ['bentoml', (body: { features: number[][] }) => body.features[0]],
] as const)('a body of %s has the values of its row, which round to the same float32', (protocol, valuesIn) => {
  const values = valuesIn(JSON.parse(bodyOf(protocol, model, 1)) as never) as number[];
  expect(Float32Array.from(values)).toEqual(model.rows.slice(FEATURES.length));
});

test('a large body has as many rows as asked for, also with its tensor in binary', () => {
  const { body } = largeBody('json', model, 5);
  expect(JSON.parse(body.toString())).toMatchObject({ inputs: [{ shape: [5, 20], datatype: 'FP32' }] });
  const { body: bytes, headerBytes = 0 } = largeBody('binary', model, 5);
  expect(JSON.parse(bytes.toString('utf8', 0, headerBytes))).toMatchObject({
    inputs: [{ shape: [5, 20], parameters: { binary_data_size: 400 } }],
  });
  expect(bytes.length - headerBytes).toBe(400);
  expect(bytes.readFloatLE(headerBytes + 4 * 41)).toBe(1 / 16);
});

test('the score is found in the answer to each protocol', () => {
  expect(scoreIn('rows', '{"predictions":[{"id":"a","score":0.25}]}')).toBe(0.25);
  expect(scoreIn('v2', '{"outputs":[{"name":"scores","data":[0.75,0.25]}]}')).toBe(0.25);
  expect(scoreIn('bentoml', '[0.25]')).toBe(0.25);
  expect(scoreIn('rows', '{"predictions":[]}')).toBeNaN();
  expect(scoreIn('rows', '{"code":"OVERLOADED"}')).toBeNaN();
  expect(scoreIn('v2', '{"error":"OVERLOADED"}')).toBeNaN();
});

test('a request tells the length of its body in bytes', () => {
  expect(requestOf('/a', '"é"').toString()).toMatch(/^POST \/a HTTP\/1\.1\r\n.*content-length: 4\r\n\r\n"é"$/s);
});
