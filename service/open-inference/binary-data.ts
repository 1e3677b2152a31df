import type { InferInput } from './infer-request.ts';
import { invalid } from './invalid.ts';

/**
 * The binary data of each input, in the order of the inputs; undefined for one whose data are in the JSON. Together they
 * must be all of `binary`. Error: REQUEST_INVALID.
 */
export function binaryParts(inputs: readonly InferInput[], binary: Uint8Array): readonly (Uint8Array | undefined)[] {
  let end = 0;
  const parts = inputs.map(({ parameters }, index) => {
    const size = parameters?.binary_data_size ?? undefined;
    if (size === undefined) return undefined;
    const start = end;
    end += size;
    if (end > binary.length) {
      throw invalid(
        `inputs[${index}].parameters.binary_data_size`,
        `It says ${size} bytes; ${binary.length - start} are left after the JSON`,
        { hint: 'The header Inference-Header-Content-Length must be the length of the JSON in bytes.' },
      );
    }
    return binary.subarray(start, end);
  });
  if (end === binary.length) return parts;
  throw invalid('inputs', `After the JSON come ${binary.length} bytes, of which the inputs name ${end}`);
}

/** Holds the size of binary data against what the shape asks for. Error: REQUEST_INVALID. */
export function checkSize(bytes: Uint8Array, expected: number, path: string): void {
  if (bytes.length === expected) return;
  throw invalid(
    `${path}.parameters.binary_data_size`,
    `The shape and the datatype ask for ${expected} bytes, not ${bytes.length}`,
  );
}

/** Little-endian float32, as a view where it is aligned; all platforms of the ONNX runtime are little-endian. */
export function float32Of(bytes: Uint8Array): Float32Array {
  if (bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT !== 0) return new Float32Array(new Uint8Array(bytes).buffer);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / Float32Array.BYTES_PER_ELEMENT);
}

/** The elements of a BYTES tensor, each after its length in four bytes, as text. Error: REQUEST_INVALID. */
export function textsOf(bytes: Uint8Array, count: number, path: string): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  let at = 0;
  while (texts.length < count) {
    const start = at + 4;
    const end = start <= buffer.length ? start + buffer.readUInt32LE(at) : Infinity;
    if (end > buffer.length) throw invalid(path, `The binary data end within element ${texts.length} of ${count}`);
    texts.push(buffer.toString('utf8', start, end));
    at = end;
  }
  if (at === buffer.length) return texts;
  throw invalid(path, `The binary data go on after the last of ${count} elements`);
}
