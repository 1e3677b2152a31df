import { invalid } from './invalid.ts';

/** One tensor of a request; its values are in `data`, or in the bytes that follow the JSON. */
export interface InferInput {
  name: string;
  shape: number[];
  datatype: string;
  data?: unknown[] | null;
  parameters?: { binary_data_size?: number | null } | null;
}

/** The JSON of an inference request, of which everything but the values of the tensors has been checked. */
export interface InferRequest {
  id?: string | null;
  parameters?: { binary_data_output?: boolean | null; prediction_ids?: boolean | null } | null;
  inputs: InferInput[];
  outputs?: { name: string; parameters?: { binary_data?: boolean | null } | null }[] | null;
}

type Fields = Record<string, unknown>;

/**
 * Holds what JSON.parse gave against the protocol and gives it back, uncopied; what the protocol does not name is let
 * through, and null stands for an optional field that is not there. By hand, as this runs on each request. Error:
 * REQUEST_INVALID.
 */
export function checkInferRequest(body: unknown): InferRequest {
  if (!isFields(body)) throw invalid('', 'The body must be an object');
  if (isThere(body['id']) && typeof body['id'] !== 'string') throw invalid('id', 'The id must be a text');
  checkParameters(body['parameters'], 'parameters', checkRequestParameters);
  const { inputs, outputs } = body;
  if (!Array.isArray(inputs)) throw invalid('inputs', 'The inputs must be a list of tensors');
  for (let index = 0; index < inputs.length; index += 1) checkInput(inputs[index], index);
  if (isThere(outputs)) {
    if (!Array.isArray(outputs)) throw invalid('outputs', 'The outputs must be a list');
    outputs.forEach(checkOutput);
  }
  return body as unknown as InferRequest;
}

/** Whether an optional field is given. */
export function isThere<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

function checkInput(input: unknown, index: number): void {
  const path = `inputs[${index}]`;
  if (!isFields(input)) throw invalid(path, 'An input must be an object');
  const { name, datatype, shape, data, parameters } = input;
  if (typeof name !== 'string') throw invalid(`${path}.name`, 'The name must be a text');
  if (typeof datatype !== 'string') throw invalid(`${path}.datatype`, 'The datatype must be a text');
  if (!Array.isArray(shape)) throw invalid(`${path}.shape`, 'The shape must be a list of numbers');
  for (let axis = 0; axis < shape.length; axis += 1) {
    if (!isSize(shape[axis])) throw invalid(`${path}.shape[${axis}]`, 'A dimension must be a whole number from 0 on');
  }
  if (isThere(data) && !Array.isArray(data)) throw invalid(`${path}.data`, 'The data must be a list');
  checkParameters(parameters, `${path}.parameters`, checkInputParameters);
  const isBinary = isFields(parameters) && isThere(parameters['binary_data_size']);
  if (isThere(data) && isBinary) throw invalid(path, 'There are data in the JSON and a binary_data_size: give either');
  if (!isThere(data) && !isBinary) throw invalid(`${path}.data`, 'The data are missing');
}

function checkInputParameters(parameters: Fields, path: string): void {
  refuse(parameters, 'shared_memory_region', path);
  const size = parameters['binary_data_size'];
  if (isThere(size) && !isSize(size)) {
    throw invalid(`${path}.binary_data_size`, 'The binary_data_size must be a whole number from 0 on');
  }
}

function checkOutput(output: unknown, index: number): void {
  const path = `outputs[${index}]`;
  if (!isFields(output)) throw invalid(path, 'An output must be an object');
  if (typeof output['name'] !== 'string') throw invalid(`${path}.name`, 'The name must be a text');
  checkParameters(output['parameters'], `${path}.parameters`, (parameters, at) => {
    refuse(parameters, 'shared_memory_region', at);
    refuse(parameters, 'classification', at);
    checkFlag(parameters, 'binary_data', at);
  });
}

function checkRequestParameters(parameters: Fields, path: string): void {
  checkFlag(parameters, 'binary_data_output', path);
  checkFlag(parameters, 'prediction_ids', path);
}

function checkParameters(parameters: unknown, path: string, check: (fields: Fields, path: string) => void): void {
  if (!isThere(parameters)) return;
  if (!isFields(parameters)) throw invalid(path, 'The parameters must be an object');
  check(parameters, path);
}

function checkFlag(parameters: Fields, name: string, path: string): void {
  const flag = parameters[name];
  if (isThere(flag) && typeof flag !== 'boolean') throw invalid(`${path}.${name}`, `${name} must be true or false`);
}

/** Extensions that change the meaning of a request are not passed over. */
function refuse(parameters: Fields, name: string, path: string): void {
  if (isThere(parameters[name])) throw invalid(`${path}.${name}`, 'The server does not have this extension');
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
