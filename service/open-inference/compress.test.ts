import { gunzipSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressed, encodingFor } from './compress.ts';

const large = '0.5,'.repeat(20_000);

test('a large body is packed as the client takes it', async () => {
  const gzipped = await compressed(large, () => 'gzip, deflate');
  expect([gzipped.encoding, gunzipSync(gzipped.body).toString()]).toEqual(['gzip', large]);
  const deflated = await compressed(Buffer.from(large), () => 'deflate');
  expect([deflated.encoding, inflateSync(deflated.body).toString()]).toEqual(['deflate', large]);
  expect(gzipped.body.length).toBeLessThan(large.length / 10);
});

test('a small one is not, nor one for a client that takes it only as it is', async () => {
  const small = 'x'.repeat(64 * 1024 - 1);
  expect(await compressed(small, () => expect.unreachable('the header is not needed'))).toEqual({ body: small });
  expect(await compressed(large, () => undefined)).toEqual({ body: large });
});

test.each([
  ['gzip', 'gzip'],
  ['deflate, gzip', 'gzip'],
  ['br, GZIP;q=0.5', 'gzip'],
  ['gzip;q=0, deflate', 'deflate'],
  ['gzip; q=0.000', undefined],
  ['br', undefined],
  ['', undefined],
  ['gzip;q=0.001', 'gzip'],
])('of %j is taken %s', (header, encoding) => {
  expect(encodingFor(header)).toBe(encoding);
});
