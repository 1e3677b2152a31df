import { expect, test } from 'vitest';
import { binaryParts, float32Of, textsOf } from './binary-data.ts';

const invalidAt = (path: string) => expect.objectContaining({ code: 'REQUEST_INVALID', path }) as Error;
const inputs = (...sizes: (number | undefined)[]) =>
  sizes.map((size) => ({
    name: 'a',
    shape: [1],
    datatype: 'FP32',
    ...(size === undefined ? { data: [1] } : { parameters: { binary_data_size: size } }),
  }));
const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);

test('binary data are cut in the order of the inputs; one with data in the JSON has none', () => {
  expect(binaryParts(inputs(4, undefined, 0, 3), bytes)).toEqual([
    Uint8Array.of(1, 2, 3, 4),
    undefined,
    Uint8Array.of(),
    Uint8Array.of(5, 6, 7),
  ]);
  expect(binaryParts(inputs(undefined), Uint8Array.of())).toEqual([undefined]);
});

test.each([
  ['a size beyond the body', inputs(4, 4), 'inputs[1].parameters.binary_data_size'],
  ['a huge size', inputs(Number.MAX_SAFE_INTEGER, 4), 'inputs[0].parameters.binary_data_size'],
  ['bytes that no input has', inputs(4, undefined, 2), 'inputs'],
  ['bytes beside JSON only', inputs(undefined), 'inputs'],
])('%s are refused', (_, sent, path) => {
  expect(() => binaryParts(sent, bytes)).toThrow(invalidAt(path));
});

test('aligned float32 is a view, other is copied; both have the same values', () => {
  const sent = new Uint8Array(13);
  const values = Float32Array.of(0.5, -1, Number.NaN);
  sent.set(new Uint8Array(values.buffer), 0);
  const view = float32Of(sent.subarray(0, 12));
  expect(view).toEqual(values);
  expect(view.buffer).toBe(sent.buffer);
  sent.set(new Uint8Array(values.buffer), 1);
  const copy = float32Of(sent.subarray(1));
  expect(copy).toEqual(values);
  expect(copy.buffer).not.toBe(sent.buffer);
});

test('texts come each after their length, in UTF-8', () => {
  const sent = Buffer.from([4, 0, 0, 0, ...Buffer.from('gold'), 0, 0, 0, 0, 3, 0, 0, 0, ...Buffer.from('öl')]);
  expect(textsOf(sent, 3, 'inputs[0]')).toEqual(['gold', '', 'öl']);
  expect(textsOf(sent.subarray(8, 12), 1, 'inputs[0]')).toEqual(['']);
});

test.each([
  ['within a length', [4, 0, 0], 1, 'end within element 0 of 1'],
  ['before a text', [4, 0, 0, 0], 1, 'end within element 0 of 1'],
  ['within a text', [4, 0, 0, 0, 1, 2, 3], 1, 'end within element 0 of 1'],
  ['after a length of four billion', [255, 255, 255, 255, 1], 1, 'end within element 0 of 1'],
  ['one text early', [1, 0, 0, 0, 65], 2, 'end within element 1 of 2'],
  ['one text late', [1, 0, 0, 0, 65, 1, 0, 0, 0, 66], 1, 'go on after the last of 1 elements'],
])('texts that end %s are refused', (_, sent, count, message) => {
  const read = () => textsOf(Uint8Array.from(sent), count, 'inputs[2]');
  expect(read).toThrow(invalidAt('inputs[2]'));
  expect(read).toThrow(`The binary data ${message}.`);
});
