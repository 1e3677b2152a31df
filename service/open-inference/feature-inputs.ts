import { checkRowCount } from '../request/feature-rows.ts';
import { RequestError } from '../request/request-error.ts';
import { checkSize, textsOf } from './binary-data.ts';
import { categoryOf, numberOf, type Place, ruleOf } from './column-values.ts';
import { NUMBER_TYPES, type NumberType } from './datatypes.ts';
import type { InferInput } from './infer-request.ts';
import { invalid, quoted } from './invalid.ts';
import { flatData } from './json-data.ts';
import type { Column, ModelTensors, RequestRows } from './model-tensors.ts';

/** One input, what of the binary data is its own, and where it stands. */
interface Source {
  input: InferInput;
  bytes: Uint8Array | undefined;
  path: string;
}

/** Where a column goes: row-major, from its first value on. */
interface Target {
  values: Float32Array;
  at: number;
  step: number;
  rows: number;
}

/**
 * Inputs by the names of the features, each `[rows]` or `[rows, 1]`: all of them, and nothing else. Errors:
 * REQUEST_INVALID, FEATURE_MISSING, FEATURE_UNKNOWN, FEATURE_OUT_OF_RANGE.
 */
export function readFeatureInputs(
  inputs: readonly InferInput[],
  parts: readonly (Uint8Array | undefined)[],
  tensors: ModelTensors,
  maxRows: number,
): RequestRows {
  const byName = sourcesByName(inputs, parts, tensors);
  const rows = rowsOf(inputs, maxRows);
  const step = tensors.columns.length;
  const values = new Float32Array(rows * step);
  for (const column of tensors.columns) {
    const source = byName.get(column.name);
    if (source === undefined) throw missing(column.name);
    const target = { values, at: column.index, step, rows };
    if (column.categories === undefined) readNumbers(source, column, target);
    else readCategories(source, column, target);
  }
  return { values, rows };
}

function sourcesByName(
  inputs: readonly InferInput[],
  parts: readonly (Uint8Array | undefined)[],
  tensors: ModelTensors,
): Map<string, Source> {
  const byName = new Map<string, Source>();
  inputs.forEach((input, index) => {
    const path = `inputs[${index}]`;
    if (!tensors.byName.has(input.name)) throw unknown(input.name, tensors, `${path}.name`);
    if (byName.has(input.name)) throw invalid(`${path}.name`, `The input ${input.name} comes twice`);
    byName.set(input.name, { input, bytes: parts[index], path });
  });
  return byName;
}

function rowsOf(inputs: readonly InferInput[], maxRows: number): number {
  const rows = inputs[0]?.shape[0] ?? 0;
  inputs.forEach(({ shape }, index) => {
    const path = `inputs[${index}].shape`;
    if (shape.length < 1 || shape.length > 2 || (shape.length === 2 && shape[1] !== 1)) {
      throw invalid(path, `The shape of a feature must be [rows] or [rows, 1], not [${shape.slice(0, 10).join(', ')}]`);
    }
    if (shape[0] !== rows) throw invalid(path, `All inputs must have as many rows as the first: ${rows}`);
  });
  checkRowCount(rows, maxRows, 'inputs[0].shape');
  return rows;
}

function readNumbers({ input, bytes, path }: Source, column: Column, { values, at, step, rows }: Target): void {
  const type = NUMBER_TYPES.get(input.datatype);
  if (type === undefined) throw wrongType(column, input, [...NUMBER_TYPES.keys()], path);
  const isFloat32 = input.datatype === 'FP32';
  const { read, place } =
    bytes === undefined ? jsonNumbers(input, type, rows, path) : binaryNumbers(bytes, type, rows, path);
  for (let row = 0; row < rows; row += 1) {
    const value = read(row);
    if (value === undefined) throw invalid(place(row), `Row ${row} of ${column.name} is no finite ${input.datatype}`);
    values[at + row * step] = numberOf(column, value, isFloat32, place, row);
  }
}

interface Numbers {
  read: (row: number) => number | undefined;
  place: Place;
}

function jsonNumbers(input: InferInput, type: NumberType, rows: number, path: string): Numbers {
  const { values, place } = flatData(input.data ?? [], rows, 1, `${path}.data`);
  return { read: (row) => (values[row] === null ? Number.NaN : type.fromJson(values[row])), place };
}

function binaryNumbers(bytes: Uint8Array, type: NumberType, rows: number, path: string): Numbers {
  checkSize(bytes, rows * type.bytes, path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { read: (row) => type.fromBytes(view, row * type.bytes), place: () => path };
}

function readCategories({ input, bytes, path }: Source, column: Column, { values, at, step, rows }: Target): void {
  if (input.datatype !== 'BYTES') throw wrongType(column, input, ['BYTES'], path);
  const { values: names, place } =
    bytes === undefined
      ? flatData(input.data ?? [], rows, 1, `${path}.data`)
      : { values: textsOf(bytes, rows, path), place: () => path };
  for (let row = 0; row < rows; row += 1) {
    const name = names[row];
    if (name !== null && typeof name !== 'string') throw invalid(place(row), `${ruleOf(column)}, or null`);
    values[at + row * step] = name === null ? Number.NaN : categoryOf(column, name, place, row);
  }
}

function wrongType({ name, feature }: Column, input: InferInput, types: string[], path: string): RequestError {
  return invalid(
    `${path}.datatype`,
    `${name} is a ${feature.type}: its datatype must be ${types.join(' or ')}, not ${quoted(input.datatype)}`,
  );
}

function unknown(name: string, { byName, input }: ModelTensors, path: string): RequestError {
  return new RequestError('FEATURE_UNKNOWN', `The model has no input ${quoted(name)}.`, {
    hint: `Send ${quoted(input)} alone, or each of: ${[...byName.keys()].join(', ')}.`,
    path,
  });
}

function missing(name: string): RequestError {
  return new RequestError('FEATURE_MISSING', `The feature ${name} is missing.`, {
    hint: 'Send every feature of the version; a missing value is null, or NaN in binary data.',
    path: 'inputs',
  });
}
