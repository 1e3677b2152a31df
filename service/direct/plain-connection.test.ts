import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { ConnectionLine } from '../load/admission-line.ts';
import { Admission } from '../load/admission.ts';
import type { RequestLine } from '../log/request-log.ts';
import { type DirectRoute, JSON_HEADERS } from './direct-answer.ts';
import { PlainConnections } from './plain-connections.ts';

const BODY_BYTES = 100_000;
const KEEP_ALIVE_MS = 60_000;

let server: Server;
let admission: Admission;
let connections: PlainConnections;
let answer: DirectRoute['answer'];
let requests: RequestLine[];
/** What Node's server was asked for. */
let byNode: string[];
let shed: number;
/** Ends the turn in which a connection stands in line. */
let nextTurns: (() => void)[];

beforeEach(async () => {
  [requests, byNode, shed, nextTurns] = [[], [], 0, []];
  answer = (body, { model }, onScored) => {
    onScored(fakeVersion(model, 'v1', 'first'));
    return Promise.resolve({ body: `${model} ${body}`, headers: JSON_HEADERS });
  };
  await open();
});

afterEach(async () => {
  admission.close();
  connections.closeAll();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function open({ room = 10, keepAliveMs = KEEP_ALIVE_MS } = {}) {
  const isV2 = false;
  const route: DirectRoute = {
    ...{ pattern: '/predict/:model', address: /^\/predict\/(\w+)$/, isV2, takes: () => true },
    answer: (...request) => answer(...request),
  };
  const log = { request: (each: RequestLine) => requests.push(each), error: () => undefined };
  const options = { routes: [route], log, metrics: { request: () => undefined }, admits: () => true };
  const line = new ConnectionLine(1, (work) => nextTurns.push(work));
  admission = new Admission({ requests: room, loopDelayMs: 1e6, onShed: () => (shed += 1) }, line);
  const listener: RequestListener = (incoming, outgoing) => {
    byNode.push(`${incoming.method} ${incoming.url}`);
    incoming.on('end', () => outgoing.end('by node')).resume();
  };
  server = createServer(admission.guard(listener));
  connections = new PlainConnections(server, { ...options, bodyBytes: BODY_BYTES, admission, keepAliveMs });
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

async function reopen(options: Parameters<typeof open>[0]) {
  admission.close();
  server.close();
  await open(options);
}

/** A client that keeps what it has read. */
function client() {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let read = '';
  socket.on('data', (chunk: Buffer) => (read += chunk.toString()));
  socket.on('error', () => undefined);
  return {
    socket,
    send: (text: string | Buffer) => socket.write(text),
    /** The answers' bodies, when there are so many. */
    bodies: async (count: number) => {
      await expect.poll(() => read.split('HTTP/1.1 ').length - 1, { timeout: 5000 }).toBe(count);
      return bodiesIn(read);
    },
    ended: async () => {
      if (!socket.closed) await once(socket, 'close');
      return read;
    },
  };
}

const bodiesIn = (text: string) =>
  text
    .split('HTTP/1.1 ')
    .slice(1)
    .map((each) => each.split('\r\n\r\n')[1]);

const plain = (body: string, more = '') =>
  `POST /predict/shop HTTP/1.1\r\nHost: shop\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const other = (path = '/admin') => `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`;

describe('plain requests', () => {
  test('are answered one after the other, over a connection that stays', async () => {
    const { send, bodies, ended, socket } = client();
    send(plain('1', 'X-Request-Id: visit-1\r\n'));
    await bodies(1);
    send(plain('é'));
    expect(await bodies(2)).toEqual(['shop 1', 'shop é']);
    socket.end();
    const [first = ''] = (await ended()).split('shop 1');
    expect(first.replace(/Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/, 'Date: …').split('\r\n')).toEqual([
      ...['HTTP/1.1 200 OK', 'X-Request-Id: visit-1', 'content-length: 6', 'content-type: application/json'],
      ...['Date: …', 'Connection: keep-alive', 'Keep-Alive: timeout=60', '', ''],
    ]);
    expect(requests).toMatchObject([{ requestId: 'visit-1', status: 200, version: 'v1' }, { status: 200 }]);
    expect(byNode).toEqual([]);
  });

  test('may have a head as long as Node takes one', async () => {
    const { send, bodies } = client();
    send(plain('1', `X-A: ${'x'.repeat(15_000)}\r\n`));
    expect(await bodies(1)).toEqual(['shop 1']);
  });

  test('that come in pieces are waited for', async () => {
    const { send, bodies } = client();
    for (const byte of Buffer.from(plain('é!'))) {
      send(Buffer.from([byte]));
      await sleep(1);
    }
    expect(await bodies(1)).toEqual(['shop é!']);
    expect(byNode).toEqual([]);
  });

  test('that are sent at once are answered in their order, one at a time', async () => {
    const held: (() => void)[] = [];
    answer = async (body) => {
      if (body === '0') await new Promise<void>((resolve) => held.push(resolve));
      return { body, headers: JSON_HEADERS };
    };
    const { send, bodies } = client();
    const bodiesSent = Array.from({ length: 50 }, (_, at) => String(at));
    send(bodiesSent.map((body) => plain(body)).join(''));
    await expect.poll(() => held.length).toBe(1);
    // The socket is not read meanwhile.
    const last = plain('last');
    send(last.slice(0, 30));
    await sleep(20);
    expect(requests).toEqual([]);
    held[0]?.();
    await bodies(50);
    send(last.slice(30));
    expect(await bodies(51)).toEqual([...bodiesSent, 'last']);
    expect(byNode).toEqual([]);
  });

  test('with an answer in bytes', async () => {
    const headers = { 'content-type': 'application/octet-stream', vary: 'x' };
    answer = () => Promise.resolve({ body: Buffer.from([104, 105]), headers });
    const { send, ended, socket } = client();
    send(plain('1'));
    socket.end();
    const text = await ended();
    expect(bodiesIn(text)).toEqual(['hi']);
    expect(text).toContain('\r\ncontent-type: application/octet-stream\r\nvary: x\r\n');
  });

  test('who asks and will ask no more is answered, and the connection ended', async () => {
    const held = Promise.withResolvers<undefined>();
    answer = async (body) => {
      await held.promise;
      return { body, headers: JSON_HEADERS };
    };
    const { socket, ended } = client();
    socket.end(plain('1'));
    await sleep(20);
    held.resolve(undefined);
    expect(await ended()).toMatch(/Connection: close[^]*\r\n1$/);
  });

  test('sent at once are all answered, also where the client then ends', async () => {
    const { socket, ended } = client();
    socket.end(plain('1') + plain('2') + plain('3') + plain('4', 'Connection: close\r\n'));
    expect(bodiesIn(await ended())).toEqual(['shop 1', 'shop 2', 'shop 3', 'by node']);
  });

  test('a client that does not read is answered no further until it does', async () => {
    const size = 80_000;
    let answered = 0;
    answer = () => {
      answered += 1;
      return Promise.resolve({ body: 'x'.repeat(size), headers: JSON_HEADERS });
    };
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(plain('1').repeat(400));
    await sleep(300);
    expect(answered).toBeLessThan(400);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await expect.poll(() => bytes, { timeout: 10_000 }).toBeGreaterThan(400 * size);
    expect(answered).toBe(400);
    socket.destroy();
  });
});

describe('Node’s server takes over', () => {
  test.each([
    ['another method', other(), 'GET /admin'],
    ['another route', plain('1').replace('/predict/shop', '/decide/shop'), 'POST /decide/shop'],
    ['a connection that is to end', plain('1', 'Connection: close\r\n'), 'POST /predict/shop'],
    ['a body that is too long', plain('x'.repeat(BODY_BYTES + 1)), 'POST /predict/shop'],
  ])('at %s', async (_, text, asked) => {
    const { send, bodies } = client();
    send(text);
    expect(await bodies(1)).toEqual(['by node']);
    expect(byNode).toEqual([asked]);
  });

  test('with all that was not answered, and for good', async () => {
    const { send, bodies } = client();
    send(plain('1') + other() + plain('2'));
    expect(await bodies(3)).toEqual(['shop 1', 'by node', 'by node']);
    send(plain('3'));
    expect(await bodies(4)).toEqual(['shop 1', 'by node', 'by node', 'by node']);
    expect(byNode).toEqual(['GET /admin', 'POST /predict/shop', 'POST /predict/shop']);
  });

  test('where a request does not come whole in a second', async () => {
    const { send, bodies } = client();
    const text = plain('slow');
    send(text.slice(0, -2));
    await expect.poll(() => byNode, { timeout: 5000 }).toEqual(['POST /predict/shop']);
    send(text.slice(-2));
    expect(await bodies(1)).toEqual(['by node']);
  });

  test('and refuses what is no HTTP, or has a head beyond its limit', async () => {
    for (const text of [
      '\x16\x03\x01 hello\r\n\r\n',
      `POST ${'/x'.repeat(20_000)} HTTP/1.1\r\n`,
      plain('1', 'A B\r\n'),
    ]) {
      const { send, ended } = client();
      send(text);
      expect(await ended()).toMatch(/^HTTP\/1.1 4\d\d /);
    }
    expect(byNode).toEqual([]);
  });

  test('of what has come in part, as the server closes', async () => {
    const { send, bodies } = client();
    const text = plain('late');
    send(text.slice(0, 20));
    await expect.poll(() => server.listenerCount('connection')).toBe(1);
    await sleep(50);
    connections.closeIdle();
    send(text.slice(20));
    expect(await bodies(1)).toEqual(['by node']);
  });
});

describe('the end', () => {
  test('a request that breaks off is logged as such; half a head is nothing', async () => {
    for (const length of [20, -1]) {
      const { send, socket } = client();
      send(plain('12').slice(0, length));
      await sleep(50);
      socket.destroy();
    }
    await expect.poll(() => requests).toMatchObject([{ code: 'CLIENT_GONE', route: '/predict/:model' }]);
    const { send, socket, ended } = client();
    send(plain('12').slice(0, -1));
    socket.end();
    expect(await ended()).toBe('');
    await expect.poll(() => requests).toMatchObject([{ code: 'CLIENT_GONE' }, { code: 'CLIENT_GONE' }]);
  });

  test('a connection that is reset brings nothing down', async () => {
    const { send, socket, bodies } = client();
    send(plain('1'));
    await bodies(1);
    const connected = () =>
      new Promise((resolve) => {
        server.getConnections((_, count) => {
          resolve(count);
        });
      });
    expect(await connected()).toBe(1);
    socket.resetAndDestroy();
    await expect.poll(connected).toBe(0);
    const next = client();
    next.send(plain('2'));
    expect(await next.bodies(1)).toEqual(['shop 2']);
  });

  test('closes who is idle, and lets who is answered finish', async () => {
    const held = Promise.withResolvers<undefined>();
    answer = async (body) => {
      if (body === 'slow') await held.promise;
      return { body, headers: JSON_HEADERS };
    };
    const [idle, busy] = [client(), client()];
    idle.send(plain('1'));
    await idle.bodies(1);
    busy.send(plain('slow'));
    await sleep(50);
    connections.closeIdle();
    await idle.ended();
    held.resolve(undefined);
    expect(await busy.bodies(1)).toEqual(['slow']);
    connections.closeIdle();
    await busy.ended();
  });

  test('once the server ends, each answer is the last one of its connection', async () => {
    const { send, ended } = client();
    admission.end();
    send(plain('1') + plain('2'));
    const text = await ended();
    expect(bodiesIn(text)).toEqual(['shop 1']);
    expect(text).toContain('\r\nConnection: close\r\n');
  });

  test('who is idle for too long is hung up on, but not who waits for an answer', async () => {
    await reopen({ keepAliveMs: 50 });
    answer = async (body) => {
      await sleep(200);
      return { body, headers: JSON_HEADERS };
    };
    const { send, ended } = client();
    send(plain('1'));
    expect(bodiesIn(await ended())).toEqual(['1']);
  });
});

test('without room a request is turned away, and the connection stands in line before it is read again', async () => {
  await reopen({ room: 1 });
  const held = Promise.withResolvers<undefined>();
  answer = async (body) => {
    if (body === 'slow') await held.promise;
    return { body, headers: JSON_HEADERS };
  };
  const [slow, next] = [client(), client()];
  slow.send(plain('slow'));
  await sleep(50);
  next.send(plain('1'));
  const [refused = ''] = await next.bodies(1);
  expect(JSON.parse(refused)).toMatchObject({ code: 'OVERLOADED' });
  held.resolve(undefined);
  await slow.bodies(1);
  next.send(plain('2'));
  await sleep(50);
  expect(requests).toHaveLength(1);
  expect(shed).toBe(1);
  for (const turn of nextTurns.splice(0)) turn();
  expect((await next.bodies(2))[1]).toBe('2');
  expect(byNode).toEqual([]);
});
