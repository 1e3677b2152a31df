import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readInferBody, splitBody } from './infer-body.ts';

const request = {
  inputs: [{ name: 'features', shape: [1, 1], datatype: 'FP32', parameters: { binary_data_size: 4 } }],
};
const json = JSON.stringify(request);
const sent = Buffer.from(`${json}\x01\x02\x03\x04`);
const HEADER = 'inference-header-content-length';
const MAX_BYTES = 2048;

const read = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  readInferBody(
    new Request('http://service/', {
      method: 'POST',
      body,
      headers: { 'content-length': String(Buffer.byteLength(body)), ...headers },
    }),
    MAX_BYTES,
  );
/** As a body that does not say how long it is. */
const stream = (body: Uint8Array, headers: Record<string, string> = {}) =>
  readInferBody(
    new Request('http://service/', {
      method: 'POST',
      body: new Blob([new Uint8Array(body)]).stream(),
      headers,
      duplex: 'half',
    }),
    MAX_BYTES,
  );
const binaryOf = async (body: ReturnType<typeof read>) => [...(await body).binary];
const invalidAt = (path: string) => expect.objectContaining({ code: 'REQUEST_INVALID', path }) as Error;

describe('a body', () => {
  test('is JSON, or JSON and bytes, whether its length is told or not', async () => {
    const inJson = { inputs: [{ name: 'features', shape: [1, 1], datatype: 'FP32', data: [1] }] };
    expect(await read(JSON.stringify(inJson))).toEqual({ request: inJson, binary: new Uint8Array() });
    for (const way of [read, stream]) {
      const body = await way(sent, { [HEADER]: String(json.length) });
      expect([body.request, [...body.binary]]).toEqual([request, [1, 2, 3, 4]]);
    }
  });

  test('is inflated first; the length of the JSON is that before it was packed', async () => {
    const headers = { [HEADER]: String(json.length), 'content-encoding': 'gzip' };
    expect(await binaryOf(read(gzipSync(sent), headers))).toEqual([1, 2, 3, 4]);
    const inJson = Buffer.from('{"inputs":[],"größe":1}');
    expect(await read(gzipSync(inJson), { 'content-encoding': 'gzip' })).toEqual({
      request: { inputs: [], größe: 1 },
      binary: Buffer.alloc(0),
    });
  });

  test('without JSON is bytes only', async () => {
    expect(await read(Uint8Array.of(1, 2), { [HEADER]: '0' })).toMatchObject({ request: undefined });
    expect(await binaryOf(read(Uint8Array.of(1, 2), { [HEADER]: '0' }))).toEqual([1, 2]);
  });

  test('over the limit is refused, whatever it says of its length', async () => {
    const large = new Uint8Array(MAX_BYTES + 1).fill(32);
    const tooLarge = { code: 'BODY_TOO_LARGE' };
    for (const headers of [{}, { [HEADER]: '10' }]) {
      await expect(read(large, headers)).rejects.toMatchObject(tooLarge);
      await expect(stream(large, headers)).rejects.toMatchObject(tooLarge);
    }
    const packed = { 'content-encoding': 'gzip' };
    await expect(read(gzipSync(large), packed)).rejects.toMatchObject(tooLarge);
    await expect(stream(gzipSync(large), packed)).rejects.toMatchObject(tooLarge);
    expect((await read(Buffer.from(json.padEnd(MAX_BYTES)))).request).toEqual(request);
  });

  test('is not taken for the length that it is said to have when it is sent in pieces', async () => {
    const headers = { 'content-length': '1', 'transfer-encoding': 'chunked', [HEADER]: '10' };
    await expect(stream(new Uint8Array(MAX_BYTES + 1), headers)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
  });
});

test.each(['-1', '1.5', 'x', '', '0x10', '1e2', '9'.repeat(16), String(sent.length + 1), '12, 12'])(
  'a length %j of the JSON is refused',
  (header) => {
    expect(() => splitBody(sent, header)).toThrow(invalidAt('Inference-Header-Content-Length'));
  },
);

test('a length of the JSON within or beyond it leaves no JSON', () => {
  for (const length of [json.length - 1, json.length + 2]) {
    expect(() => splitBody(sent, String(length))).toThrow(invalidAt('body'));
  }
});

test.each([
  ['nothing', ''],
  ['half of it', '{"inputs": ['],
  ['NaN', '{"inputs": [NaN]}'],
  ['two of them', '{}{}'],
])('%s is no JSON', async (_, body) => {
  await expect(read(body)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    path: 'body',
    message: expect.stringMatching(/^The body is not JSON: ./) as string,
    hint: expect.stringContaining('Send, for example: {"inputs"') as string,
    cause: expect.any(SyntaxError) as SyntaxError,
  });
});

test('a key that comes twice is refused, wherever it is', async () => {
  const tensor = '"name":"a","shape":[1],"datatype":"FP32"';
  for (const [body, path] of [
    ['{"id":"1","id":"2","inputs":[]}', 'id'],
    [`{"inputs":[{${tensor},"data":[1],"data":[2]}]}`, 'inputs[0].data'],
    [`{"inputs":[{${tensor},"data":[1],"parameters":{"a":1,"a":2}}]}`, 'inputs[0].parameters.a'],
    ['{"inputs":[],"outputs":[{"name":"a","name":"b","parameters":{}}]}', 'outputs[0].name'],
    ['{"inputs":[],"parameters":{"a":1,"\\u0061":1}}', 'parameters.a'],
  ] as const) {
    await expect(read(body)).rejects.toMatchObject({ code: 'REQUEST_INVALID', path });
  }
  const all = `{"id":"a:b","inputs":[{${tensor},"data":[1],"parameters":{"a":1}}],"outputs":[{"name":"a","parameters":{"b":1}}]}`;
  expect((await read(all)).request).toEqual(JSON.parse(all));
});
