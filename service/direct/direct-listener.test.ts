import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { type DirectRoute, JSON_HEADERS } from './direct-answer.ts';
import { directListener } from './direct-listener.ts';
import type { ErrorLine, RequestLine } from '../log/request-log.ts';

const version = fakeVersion('shop', 'v1', 'first');
const BODY_BYTES = 100;

let server: Server;
let answer: DirectRoute['answer'];
let requests: RequestLine[];
let errors: ErrorLine[];
let counted: unknown[][];

beforeEach(async () => {
  [requests, errors, counted] = [[], [], []];
  answer = (body, { model }, onScored) => {
    onScored(version);
    return Promise.resolve({ body: `${model} ${body}`, headers: JSON_HEADERS });
  };
  const route: DirectRoute = {
    ...{ pattern: '/predict/:model', address: /^\/predict\/(\w+)$/, isV2: false },
    takes: (headers) => headers['x-other'] === undefined,
    answer: (...request) => answer(...request),
  };
  const log = {
    request: (line: RequestLine) => requests.push(line),
    error: (line: ErrorLine) => errors.push(line),
  };
  const metrics = {
    request: (method: string, pattern: string, status: number) => counted.push([method, pattern, status]),
  };
  const admits = (headers: IncomingHttpHeaders) => headers['x-api-key'] !== 'unknown';
  const options = { routes: [route], log, metrics, bodyBytes: BODY_BYTES, admits };
  server = createServer(directListener(options, (_, response) => response.end('the app')));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const portOf = () => (server.address() as AddressInfo).port;

async function send(body: string, { path = '/predict/shop', method = 'POST', headers = {} } = {}) {
  const length = { 'content-length': Buffer.byteLength(body) };
  const sent = request({ port: portOf(), path, method, headers: { ...length, ...headers }, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('a plain request', () => {
  test('is answered without the app, named, counted and logged', async () => {
    const { status, body, headers } = await send('é', { headers: { 'x-request-id': 'visit-7' } });
    expect({ status, body }).toEqual({ status: 200, body: 'shop é' });
    expect(headers).toMatchObject({
      ...{ 'x-request-id': 'visit-7', 'content-type': 'application/json', 'content-length': '7' },
    });
    expect(counted).toEqual([['POST', '/predict/:model', 200]]);
    expect(requests).toEqual([
      {
        ...{ method: 'POST', route: '/predict/:model', status: 200, durationMs: expect.any(Number) as number },
        ...{ requestId: 'visit-7', model: 'shop', version: 'v1', code: undefined },
      },
    ]);
  });

  test('is read as the app reads it: in pieces, and without a byte order mark', async () => {
    const sent = request({ port: portOf(), path: '/predict/shop', method: 'POST', headers: { 'content-length': 6 } });
    sent.write(Buffer.from([0xef, 0xbb, 0xbf, 0xc3]));
    setTimeout(() => sent.end(Buffer.from([0xa9, 0x21])), 20);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('shop é!');
  });

  test('that fails is told why, and who had scored it', async () => {
    answer = (_body, _request, onScored) => {
      onScored(version);
      return Promise.reject(new CleaverError('OVERLOADED', 'Too much.', { hint: 'Wait.' }));
    };
    const { status, body, headers } = await send('{}');
    expect({ status, body: JSON.parse(body) as unknown }).toEqual({
      ...{ status: 503, body: { code: 'OVERLOADED', message: 'Too much.', hint: 'Wait.' } },
    });
    expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/json' });
    expect(requests).toMatchObject([{ status: 503, code: 'OVERLOADED', model: 'shop' }]);
    expect(errors).toEqual([]);
  });

  test('that meets a bug is told its id, and the bug is logged', async () => {
    const bug = new Error('broken');
    answer = () => Promise.reject(bug);
    const { status, body, headers } = await send('{}');
    expect(status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ code: 'INTERNAL', requestId: headers['x-request-id'] });
    expect(errors).toEqual([
      {
        ...{ message: 'POST /predict/:model', route: '/predict/:model', error: bug },
        requestId: headers['x-request-id'],
      },
    ]);
  });

  test('that breaks off is counted as such', async () => {
    const asked = once(server, 'request');
    const socket = connect(portOf(), '127.0.0.1');
    socket.write('POST /predict/shop HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{"r');
    await asked;
    socket.destroy();
    await expect.poll(() => requests).toMatchObject([{ code: 'CLIENT_GONE', route: '/predict/:model' }]);
  });
});

describe('the app answers', () => {
  test.each<[string, Parameters<typeof send>[1]]>([
    ['another method', { method: 'PUT' }],
    ['another address', { path: '/predict/shop/more' }],
    ['an address with a query', { path: '/predict/shop?a=1' }],
    ['a body in another coding', { headers: { 'content-encoding': 'gzip' } }],
    ['a host that needs a closer look', { headers: { host: 'a b' } }],
    ['headers that the route does not take', { headers: { 'x-other': '1' } }],
    ['who is not admitted', { headers: { 'x-api-key': 'unknown' } }],
  ])('%s', async (_, options) => {
    expect((await send('{}', options)).body).toBe('the app');
    expect(requests).toEqual([]);
  });

  test('a long body, and one of unknown length', async () => {
    expect((await send('x'.repeat(BODY_BYTES))).body).toBe(`shop ${'x'.repeat(BODY_BYTES)}`);
    expect((await send('x'.repeat(BODY_BYTES + 1))).body).toBe('the app');
    const sent = request({ port: portOf(), path: '/predict/shop', method: 'POST' });
    sent.write('{');
    sent.end('}');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect(await text(response)).toBe('the app');
  });
});
