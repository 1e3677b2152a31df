import { messageOf } from '../../pipelines/core/errors.ts';
import { refuseDuplicateKeys } from '../request/duplicate-keys.ts';
import { readBytes, readText } from '../request/request-body.ts';
import { checkInferRequest, type InferRequest } from './infer-request.ts';
import { inflated } from './inflate.ts';
import { invalid, quoted } from './invalid.ts';

const HEADER_LENGTH = 'Inference-Header-Content-Length';
const EXAMPLE = '{"inputs": [{"name": "features", "shape": [1, 2], "datatype": "FP32", "data": [0.5, 1]}]}';
const NO_BYTES = new Uint8Array();

/** What came: its JSON, undefined where the whole body is one tensor; and the bytes after it. */
export interface InferBody {
  request: InferRequest | undefined;
  binary: Uint8Array;
}

/** Reads a request of which at most `maxBytes` are taken, inflated or not. Errors: BODY_TOO_LARGE, REQUEST_INVALID. */
export async function readInferBody(request: Request, maxBytes: number): Promise<InferBody> {
  const { headers } = request;
  const headerLength = headers.get(HEADER_LENGTH);
  const encoding = headers.get('content-encoding');
  if (headerLength === null && encoding === null) {
    return jsonBody(await readText(request, maxBytes));
  }
  const sent = await readBytes(request, maxBytes);
  return splitBody(encoding === null ? sent : await inflated(sent, encoding, maxBytes), headerLength);
}

/** A body that is JSON alone. Error: REQUEST_INVALID. */
export function jsonBody(text: string): InferBody {
  return { request: parseJson(text), binary: NO_BYTES };
}

/** Parts a body into its JSON and what follows, by the header that says how long the JSON is. Error: REQUEST_INVALID. */
export function splitBody(body: Uint8Array, headerLength: string | null): InferBody {
  const length = headerLength === null ? body.length : jsonLength(headerLength, body.length);
  const binary = body.subarray(length);
  if (length === 0 && headerLength !== null) return { request: undefined, binary };
  return { request: parseJson(Buffer.from(body.buffer, body.byteOffset, length).toString()), binary };
}

function jsonLength(header: string, bodyLength: number): number {
  const length = /^\d{1,15}$/.test(header) ? Number(header) : Number.NaN;
  if (length <= bodyLength) return length;
  throw invalid(
    HEADER_LENGTH,
    `It must be the length of the JSON in bytes, at most ${bodyLength}, not ${quoted(header)}`,
  );
}

function parseJson(text: string): InferRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('body', `The body is not JSON: ${messageOf(cause)}`, {
      hint: `A missing value is null; NaN is not JSON. Send, for example: ${EXAMPLE}`,
      cause,
    });
  }
  const request = checkInferRequest(value);
  refuseDuplicateKeys(text, keyCount(request));
  return request;
}

/** How many keys the request has where keys are looked for first; of what lies deeper none is counted. */
function keyCount(request: InferRequest): number {
  let count = keysOf(request) + keysOf(request.parameters);
  for (const input of request.inputs) count += keysOf(input) + keysOf(input.parameters);
  for (const output of request.outputs ?? []) count += keysOf(output) + keysOf(output.parameters);
  return count;
}

function keysOf(fields: object | null | undefined): number {
  return fields === null || fields === undefined ? 0 : Object.keys(fields).length;
}
