import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { inflated } from './inflate.ts';

const body = Buffer.from('{"inputs": []}');

test.each([
  ['gzip', gzipSync(body)],
  ['x-gzip', gzipSync(body)],
  ['GZIP', gzipSync(body)],
  ['deflate', deflateSync(body)],
  ['identity', body],
])('%s is unpacked', async (encoding, sent) => {
  expect(Buffer.from(await inflated(sent, encoding, 100)).toString()).toBe(body.toString());
});

test.each([
  ['br', body, 'The body comes as "br".'],
  ['gzip, gzip', gzipSync(gzipSync(body)), 'The body comes as "gzip, gzip".'],
  ['gzip', body, 'The body is no whole gzip: incorrect header check.'],
  ['gzip', gzipSync(body).subarray(0, 20), 'The body is no whole gzip: unexpected end of file.'],
  ['deflate', new Uint8Array(), 'The body is no whole deflate: unexpected end of file.'],
])('%s that is none is refused', async (encoding, sent, message) => {
  await expect(inflated(sent, encoding, 100)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    path: 'Content-Encoding',
    message,
  });
});

test('a bomb is not unpacked beyond the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(100_000);
  await expect(inflated(bomb, 'gzip', 1024 * 1024)).rejects.toMatchObject({
    code: 'BODY_TOO_LARGE',
    message: 'The body is over 1 MiB.',
  });
});
