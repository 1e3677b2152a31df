import { describe, expect, test } from 'vitest';
import { readBytes, readText } from './request-body.ts';

describe('a body that breaks off', () => {
  const broken = (headers: Record<string, string> = {}) =>
    new Request('http://service/', {
      method: 'POST',
      body: new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(Uint8Array.of(1));
          controller.error(new Error('reset'));
        },
      }),
      headers,
      duplex: 'half',
    });

  test.each([
    ['of known length', { 'content-length': '5' }],
    ['of unknown length', {}],
  ])('%s is the client’s doing, not a bug of ours', async (_, headers) => {
    const gone = { code: 'CLIENT_GONE', message: 'The request broke off before it had come whole.' };
    await expect(readText(broken(headers), 10)).rejects.toMatchObject(gone);
    await expect(readBytes(broken(headers), 10)).rejects.toMatchObject(gone);
  });
});
