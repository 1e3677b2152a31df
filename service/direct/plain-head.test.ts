import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPlainHead } from './plain-head.ts';

const LENGTH = 'Content-Length: 2\r\n';
const line = 'POST /predict/shop HTTP/1.1\r\n';

test('a plain head is read as Node reads it', () => {
  const head = `${line}Host: shop:8080\r\nX-A:b \t\r\nx-request-id:  visit 7\r\n${LENGTH}Connection: Keep-Alive\r\n`;
  expect(readPlainHead(head)).toEqual({
    url: '/predict/shop',
    headers: {
      ...{ host: 'shop:8080', 'x-a': 'b', 'x-request-id': 'visit 7', 'content-length': '2', connection: 'Keep-Alive' },
    },
    bodyBytes: 2,
  });
});

test.each([
  ['another method', `GET /predict/shop HTTP/1.1\r\n${LENGTH}`],
  ['another version', `POST /predict/shop HTTP/1.0\r\n${LENGTH}`],
  ['a whole address', `POST http://shop/predict/shop HTTP/1.1\r\n${LENGTH}`],
  ['an address with a query', `POST /predict/shop?a HTTP/1.1\r\n${LENGTH}`],
  ['two spaces', `POST  /predict/shop HTTP/1.1\r\n${LENGTH}`],
  ['no length', `${line}Host: shop\r\n`],
  ['two lengths', `${line}${LENGTH}${LENGTH}`],
  ['a length in two values', `${line}Content-Length: 2, 2\r\n`],
  ['a length with a sign', `${line}Content-Length: +2\r\n`],
  ['a length in other digits', `${line}Content-Length: 0x2\r\n`],
  ['a length beyond all numbers', `${line}Content-Length: 12345678901234567890\r\n`],
  ['a coding of the message', `${line}${LENGTH}Transfer-Encoding: chunked\r\n`],
  ['a wish to be told to go on', `${line}${LENGTH}Expect: 100-continue\r\n`],
  ['a wish for another protocol', `${line}${LENGTH}Upgrade: websocket\r\n`],
  ['a connection that is to end', `${line}${LENGTH}Connection: close\r\n`],
  ['a connection with more to say', `${line}${LENGTH}Connection: keep-alive, x-a\r\n`],
  ['the same header twice', `${line}${LENGTH}X-A: 1\r\nx-a: 1\r\n`],
  ['the name of what each object has', `${line}${LENGTH}Constructor: 1\r\n`],
  ['a space before the colon', `${line}${LENGTH}X-A : 1\r\n`],
  ['a line that goes on', `${line}${LENGTH}X-A: 1\r\n 2\r\n`],
  ['a header without a name', `${line}${LENGTH}: 1\r\n`],
  ['a header without a value', `${line}${LENGTH}X-A:\r\n`],
  ['a line without a colon', `${line}${LENGTH}X-A\r\n`],
  ['a bare line feed', `${line}X-A: 1\n${LENGTH}`],
  ['a bare carriage return', `${line}X-A: 1\r2\r\n${LENGTH}`],
  ['a null', `${line}X-A: 1\0\r\n${LENGTH}`],
  ['letters beyond ASCII', `${line}X-A: \u00e9\r\n${LENGTH}`],
])('%s is not plain', (_, head) => {
  expect(readPlainHead(head)).toBeUndefined();
});

describe('whatever it takes', () => {
  test('Node takes too, and reads the same in it', async () => {
    const seen: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      seen.push(request);
      response.setHeader('connection', 'close').end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    let taken = 0;
    try {
      await fc.assert(
        fc.asyncProperty(headers(), async (lines) => {
          const head = `${line}${lines.join('')}`;
          const plain = readPlainHead(head);
          if (plain === undefined || plain.bodyBytes > 1000) return;
          taken += 1;
          seen.length = 0;
          const socket = connect(port, '127.0.0.1');
          socket.end(Buffer.from(`${head}\r\n${'x'.repeat(plain.bodyBytes)}`, 'latin1'));
          socket.resume();
          await once(socket, 'close');
          const [request] = seen;
          expect(seen).toHaveLength(1);
          expect({ url: request?.url, headers: request?.headers }).toEqual({ url: plain.url, headers: plain.headers });
        }),
        { numRuns: 400 },
      );
    } finally {
      server.close();
    }
    expect(taken).toBeGreaterThan(50);
  });
});

/** Lines of headers as clients send them, and as nobody should. */
function headers() {
  const space = fc.constantFrom('', ' ', '  ', '\t', ' \t ');
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[\w!#$%&'*+.^`|~-]{1,8}$/) },
    fc.constantFrom('Content-Length', 'Transfer-Encoding', 'Connection', 'Host', '__proto__', 'Cookie', 'Set-Cookie'),
    fc.string({ maxLength: 3, unit: 'binary-ascii' }),
  );
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[!-~]([ -~]{0,8}[!-~])?$/) },
    fc.constantFrom('2', '0', '2,2', 'keep-alive', 'chunked', ''),
    fc.string({ maxLength: 4, unit: 'binary-ascii' }),
  );
  const end = fc.oneof({ weight: 20, arbitrary: fc.constant('\r\n') }, fc.constantFrom('\n', '\r', '\r\r\n'));
  const any = fc.tuple(name, space, value, space, end).map(([key, before, text, after, last]) => {
    return `${key}:${before}${text}${after}${last}`;
  });
  return fc
    .tuple(fc.array(any, { maxLength: 4 }), fc.nat(3))
    .map(([lines, at]) => ['Host: shop\r\n', ...lines.slice(0, at), 'Content-Length: 2\r\n', ...lines.slice(at)]);
}
