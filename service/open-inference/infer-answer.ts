import type { InferRequest } from './infer-request.ts';
import type { ModelTensors } from './model-tensors.ts';

/** The body of an answer; `jsonBytes` is how much of it is JSON where binary data follow. */
export interface InferAnswer {
  body: string | Uint8Array<ArrayBuffer>;
  jsonBytes: number | undefined;
}

/** One FP32 output `[rows]`, in JSON or as binary data as the request asks; `predictionIds` where it asks for them. */
export function inferAnswer(
  tensors: ModelTensors,
  request: InferRequest,
  scores: Float32Array,
  predictionIds: readonly string[] | undefined,
): InferAnswer {
  let json = tensors.head;
  if (typeof request.id === 'string') json += `,"id":${JSON.stringify(request.id)}`;
  if (predictionIds !== undefined) json += `,"parameters":{"prediction_ids":${JSON.stringify(predictionIds)}}`;
  json += `${tensors.outputHead}${scores.length}]`;
  if (!isBinary(request)) return { body: `${json},"data":[${scores.join(',')}]}]}`, jsonBytes: undefined };
  const head = Buffer.from(`${json},"parameters":{"binary_data_size":${scores.byteLength}}}]}`);
  const data = new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength);
  return { body: Buffer.concat([head, data]), jsonBytes: head.length };
}

/** What is said of the one output goes before what is said of all. */
function isBinary({ parameters, outputs }: InferRequest): boolean {
  return outputs?.[0]?.parameters?.binary_data ?? parameters?.binary_data_output ?? false;
}
