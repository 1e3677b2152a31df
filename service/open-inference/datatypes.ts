import { isFiniteFloat32 } from '../request/feature-rows.ts';

/** How a datatype of the protocol holds numbers; little-endian in binary data. */
export interface NumberType {
  bytes: number;
  /** Undefined for what is no value of the type, or is infinite as float32; NaN is a missing value. */
  fromBytes(view: DataView, offset: number): number | undefined;
  fromJson(value: unknown): number | undefined;
}

/** The datatypes that a number comes in; truth values count as 0 and 1. */
export const NUMBER_TYPES: ReadonlyMap<string, NumberType> = new Map<string, NumberType>([
  ['FP32', float(4, (view, offset) => view.getFloat32(offset, true))],
  ['FP64', float(8, (view, offset) => view.getFloat64(offset, true))],
  ['INT8', integer(1, -(2 ** 7), 2 ** 7, (view, offset) => view.getInt8(offset))],
  ['INT16', integer(2, -(2 ** 15), 2 ** 15, (view, offset) => view.getInt16(offset, true))],
  ['INT32', integer(4, -(2 ** 31), 2 ** 31, (view, offset) => view.getInt32(offset, true))],
  ['INT64', integer(8, -(2 ** 63), 2 ** 63, (view, offset) => Number(view.getBigInt64(offset, true)))],
  ['UINT8', integer(1, 0, 2 ** 8, (view, offset) => view.getUint8(offset))],
  ['UINT16', integer(2, 0, 2 ** 16, (view, offset) => view.getUint16(offset, true))],
  ['UINT32', integer(4, 0, 2 ** 32, (view, offset) => view.getUint32(offset, true))],
  ['UINT64', integer(8, 0, 2 ** 64, (view, offset) => Number(view.getBigUint64(offset, true)))],
  [
    'BOOL',
    { bytes: 1, fromBytes: truthByte, fromJson: (value) => (typeof value === 'boolean' ? Number(value) : undefined) },
  ],
]);

type Read = (view: DataView, offset: number) => number;

function float(bytes: number, read: Read): NumberType {
  return {
    bytes,
    fromBytes(view, offset) {
      const value = read(view, offset);
      return Number.isNaN(value) || isFiniteFloat32(value) ? value : undefined;
    },
    fromJson: (value) => (typeof value === 'number' && isFiniteFloat32(value) ? value : undefined),
  };
}

function integer(bytes: number, min: number, beyond: number, fromBytes: Read): NumberType {
  return {
    bytes,
    fromBytes,
    fromJson: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value < beyond ? value : undefined,
  };
}

function truthByte(view: DataView, offset: number): number | undefined {
  const byte = view.getUint8(offset);
  return byte <= 1 ? byte : undefined;
}
