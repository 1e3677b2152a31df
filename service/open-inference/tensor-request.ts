import { checkRowCount } from '../request/feature-rows.ts';
import { binaryParts, checkSize, float32Of } from './binary-data.ts';
import { categoryIndex, numberOf, type Place } from './column-values.ts';
import { readFeatureInputs } from './feature-inputs.ts';
import type { InferInput, InferRequest } from './infer-request.ts';
import { invalid, quoted } from './invalid.ts';
import { flatData } from './json-data.ts';
import type { ModelTensors, RequestRows } from './model-tensors.ts';

/**
 * The rows of a request: either the one FP32 tensor `[rows, features]`, in which a category is its index, or one input
 * for each feature. `binary` is what follows the JSON; its bytes may be used as they are and changed.
 * Errors: REQUEST_INVALID, FEATURE_MISSING, FEATURE_UNKNOWN, FEATURE_OUT_OF_RANGE.
 */
export function readRows(
  request: InferRequest,
  binary: Uint8Array,
  tensors: ModelTensors,
  maxRows: number,
): RequestRows {
  const { inputs } = request;
  const [first] = inputs;
  if (first === undefined) throw invalid('inputs', 'There is no input');
  checkOutputs(request, tensors);
  const parts = binaryParts(inputs, binary);
  if (inputs.length === 1 && first.name === tensors.input && !isItsOnlyFeature(first.name, tensors)) {
    return readTensor(first, parts[0], tensors, maxRows);
  }
  return readFeatureInputs(inputs, parts, tensors, maxRows);
}

/** A body that is nothing but the values of the one tensor. Error: REQUEST_INVALID. */
export function rawRequest(binary: Uint8Array, { input, columns }: ModelTensors): InferRequest {
  const rowBytes = columns.length * Float32Array.BYTES_PER_ELEMENT;
  if (binary.length % rowBytes !== 0) {
    throw invalid('body', `The body has ${binary.length} bytes; rows of float32 have ${rowBytes} each`);
  }
  const shape = [binary.length / rowBytes, columns.length];
  return {
    inputs: [{ name: input, shape, datatype: 'FP32', parameters: { binary_data_size: binary.length } }],
    parameters: { binary_data_output: true },
  };
}

/** Where the tensor is called like the one feature that there is, both forms are alike, and categories come by name. */
function isItsOnlyFeature(name: string, { byName }: ModelTensors): boolean {
  return byName.size === 1 && byName.has(name);
}

function readTensor(
  input: InferInput,
  bytes: Uint8Array | undefined,
  tensors: ModelTensors,
  maxRows: number,
): RequestRows {
  const path = 'inputs[0]';
  const columns = tensors.columns.length;
  const { datatype, shape } = input;
  if (datatype !== 'FP32') throw invalid(`${path}.datatype`, `The datatype must be FP32, not ${quoted(datatype)}`);
  const [rows] = shape;
  if (rows === undefined || shape[1] !== columns || shape.length !== 2) {
    throw invalid(`${path}.shape`, `The shape must be [rows, ${columns}], not [${shape.slice(0, 10).join(', ')}]`);
  }
  checkRowCount(rows, maxRows, `${path}.shape`);
  if (bytes !== undefined) checkSize(bytes, rows * columns * Float32Array.BYTES_PER_ELEMENT, path);
  const { values, place } =
    bytes === undefined
      ? numbersOf(input.data ?? [], rows, columns, `${path}.data`)
      : { values: finite(float32Of(bytes), path), place: () => path };
  for (const column of tensors.checked) {
    for (let at = column.index; at < values.length; at += columns) {
      const value = values[at] ?? Number.NaN;
      values[at] =
        column.categories === undefined
          ? numberOf(column, value, true, place, at)
          : categoryIndex(column, value, place, at);
    }
  }
  return { values, rows };
}

function numbersOf(
  data: readonly unknown[],
  rows: number,
  columns: number,
  path: string,
): { values: Float32Array; place: Place } {
  const { values: items, place } = flatData(data, rows, columns, path);
  const values = new Float32Array(items.length);
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    values[index] = typeof item === 'number' ? item : Number.NaN;
    if (item !== null && !Number.isFinite(values[index])) throw notFinite(place(index), index);
  }
  return { values, place };
}

function finite(values: Float32Array, path: string): Float32Array {
  for (let index = 0; index < values.length; index += 1) {
    if (Math.abs(values[index] ?? 0) === Infinity) throw notFinite(path, index);
  }
  return values;
}

function notFinite(path: string, index: number): Error {
  return invalid(path, `Value ${index} is no finite 32-bit number`);
}

function checkOutputs({ outputs }: InferRequest, { output }: ModelTensors): void {
  if (outputs === undefined || outputs === null) return;
  outputs.forEach(({ name }, index) => {
    if (name !== output) throw invalid(`outputs[${index}].name`, `The only output is ${quoted(output)}`);
    if (index > 0) throw invalid(`outputs[${index}].name`, 'The output comes twice');
  });
}
