import { z } from 'zod';
import { checkRowCount, isFiniteFloat32 } from './feature-rows.ts';
import { RequestError } from './request-error.ts';

/** The body of an inference request of the Open Inference Protocol V2; unknown fields are let through, as it asks. */
export const tensorRequest = z.object({
  id: z.string().optional(),
  inputs: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int().min(0)),
      datatype: z.string(),
      data: z.array(z.unknown()),
    }),
  ),
  outputs: z.array(z.object({ name: z.string() })).optional(),
});

export type TensorRequest = z.output<typeof tensorRequest>;

/** What a model takes and gives, by name. */
export interface TensorModel {
  input: string;
  output: string;
  featureCount: number;
}

/**
 * The one FP32 tensor `[rows, features]` of a request as row-major float32; `null` in it is a missing value.
 * Error: REQUEST_INVALID.
 */
export function readTensor(request: TensorRequest, model: TensorModel): { values: Float32Array; rows: number } {
  const [input] = request.inputs;
  if (input === undefined || request.inputs.length !== 1) {
    throw invalid('inputs', `One input is wanted, not ${request.inputs.length}`);
  }
  if (input.name !== model.input) throw invalid('inputs[0].name', `The input is called ${JSON.stringify(model.input)}`);
  if (input.datatype !== 'FP32') throw invalid('inputs[0].datatype', 'The datatype must be FP32');
  const [rows, columns] = input.shape;
  if (rows === undefined || columns !== model.featureCount || input.shape.length !== 2) {
    throw invalid(
      'inputs[0].shape',
      `The shape must be [rows, ${model.featureCount}], not [${input.shape.join(', ')}]`,
    );
  }
  checkRowCount(rows, 'inputs[0].shape');
  const outputs = request.outputs ?? [];
  if (outputs.some(({ name }) => name !== model.output)) {
    throw invalid('outputs', `The only output is ${JSON.stringify(model.output)}`);
  }
  return { values: flatten(input.data, rows, columns), rows };
}

function flatten(data: readonly unknown[], rows: number, columns: number): Float32Array {
  const nested = data.some((item) => Array.isArray(item));
  if (nested && !data.every((row) => Array.isArray(row) && row.length === columns)) {
    throw invalid('inputs[0].data', `Nested data must hold rows of ${columns} numbers each`);
  }
  const flat = nested ? data.flat() : data;
  if (flat.length !== rows * columns) {
    throw invalid('inputs[0].data', `The shape asks for ${rows * columns} numbers; there are ${flat.length}`);
  }
  return Float32Array.from(flat, numberAt);
}

function numberAt(value: unknown, index: number): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'number' && isFiniteFloat32(value)) return value;
  throw invalid('inputs[0].data', `Value ${index} is no finite 32-bit number`);
}

function invalid(path: string, message: string): RequestError {
  return new RequestError('REQUEST_INVALID', `${message}.`, {
    hint: 'GET /v2/models/<model> tells what the model takes.',
    path,
  });
}
