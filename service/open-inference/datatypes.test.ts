import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NUMBER_TYPES } from './datatypes.ts';

const typeOf = (name: string) => {
  const type = NUMBER_TYPES.get(name);
  if (type === undefined) throw new Error(`no ${name}`);
  return type;
};
const read = (name: string, bytes: Uint8Array | ArrayBuffer) =>
  typeOf(name).fromBytes(new DataView(bytes instanceof ArrayBuffer ? bytes : Uint8Array.from(bytes).buffer), 0);

test.each([
  ['INT8', -128, 127, 1],
  ['INT16', -32_768, 32_767, 2],
  ['INT32', -(2 ** 31), 2 ** 31 - 1, 4],
  ['INT64', -(2 ** 63), 2 ** 63 - 1024, 8],
  ['UINT8', 0, 255, 1],
  ['UINT16', 0, 65_535, 2],
  ['UINT32', 0, 2 ** 32 - 1, 4],
  ['UINT64', 0, 2 ** 64 - 2048, 8],
])('%s is a whole number in its range, in JSON as in bytes', (name, min, max, bytes) => {
  const type = typeOf(name);
  expect(type.bytes).toBe(bytes);
  for (const value of [min, max, 1]) {
    expect(type.fromJson(value)).toBe(value);
    const little = new DataView(new ArrayBuffer(8));
    little.setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
    expect(read(name, new Uint8Array(little.buffer))).toBe(value);
  }
  const beyond = bytes === 8 ? 2048 : 1;
  for (const value of [min - beyond, max + beyond, 0.5, Infinity, '1', true, null, [1], {}]) {
    expect(type.fromJson(value)).toBeUndefined();
  }
});

test.each(['FP32', 'FP64'])('%s is a number that is finite as float32; in bytes NaN is one too', (name) => {
  const type = typeOf(name);
  const bytesOf = (value: number) => (name === 'FP32' ? Float32Array.of(value) : Float64Array.of(value)).buffer;
  for (const value of [0, -0.5, 3e38]) {
    expect(type.fromJson(value)).toBe(value);
    expect(read(name, bytesOf(value))).toBe(name === 'FP32' ? Math.fround(value) : value);
  }
  expect(read(name, bytesOf(Number.NaN))).toBeNaN();
  for (const value of [Infinity, -Infinity, 1e39]) {
    expect(type.fromJson(value)).toBeUndefined();
    expect(read(name, bytesOf(value))).toBeUndefined();
  }
  for (const value of ['1', true, null, [1], {}]) expect(type.fromJson(value)).toBeUndefined();
});

test('BOOL is a truth value, and a byte of 0 or 1', () => {
  expect([true, false, 1, 0, null, 'true'].map((value) => typeOf('BOOL').fromJson(value))).toEqual([
    1,
    0,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([0, 1, 2, 255].map((byte) => read('BOOL', Uint8Array.of(byte)))).toEqual([0, 1, undefined, undefined]);
});

test('a number of any type is finite as float32, or NaN', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NUMBER_TYPES.values()),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      (type, bytes) => {
        const value = type.fromBytes(new DataView(Uint8Array.from(bytes).buffer), 0);
        return value === undefined || Number.isNaN(value) || Number.isFinite(Math.fround(value));
      },
    ),
  );
});
