import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ConnectionLine } from './admission-line.ts';
import { Admission, type AdmissionOptions } from './admission.ts';

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function open(options: Partial<AdmissionOptions>, listener: RequestListener, line?: ConnectionLine) {
  const shed: string[] = [];
  const admission = new Admission({ requests: 10, loopDelayMs: 1e6, onShed: () => shed.push('one'), ...options }, line);
  const server = createServer(admission.guard(listener)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    admission.close();
    server.closeAllConnections();
    server.close();
  });
  return { admission, shed, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const post = async (url: string, body = '{}') => await fetch(url, { method: 'POST', body });

describe('the door', () => {
  test('turns away what is too much, lets in again when there is room, and always answers how it does', async () => {
    const held = Promise.withResolvers<undefined>();
    const { url, shed } = await open({ requests: 1 }, (request, response) => {
      if (request.url === '/predict/slow') void held.promise.then(() => response.end('late'));
      else response.end('well');
    });
    const slow = post(`${url}/predict/slow`);
    await expect.poll(async () => (await post(`${url}/predict/shop`)).status).toBe(503);
    const refused = await post(`${url}/predict/shop`, 'x'.repeat(100_000));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({
      code: 'OVERLOADED',
      hint: expect.stringContaining('second') as string,
    });
    expect(await (await post(`${url}/v2/models/shop/infer`)).json()).toEqual({
      error: expect.stringContaining('OVERLOADED') as string,
    });
    expect(await (await fetch(`${url}/livez`)).text()).toBe('well');
    expect(shed.length).toBeGreaterThan(1);
    held.resolve(undefined);
    expect(await (await slow).text()).toBe('late');
    await expect.poll(async () => (await post(`${url}/predict/shop`)).status).toBe(200);
  });

  test('turns everybody away while the event loop is late', async () => {
    const { url } = await open({ loopDelayMs: -1000 }, (_, response) => response.end('well'));
    expect((await post(`${url}/predict/shop`)).status).toBe(503);
    const { url: other } = await open({ loopDelayMs: 1e6 }, (_, response) => response.end('well'));
    expect((await post(`${other}/predict/shop`)).status).toBe(200);
  });
});

test('once it ends, each answer is the last one of its connection, also a refusal and one to who is inside', async () => {
  const held: ServerResponse[] = [];
  const { admission, url } = await open({ requests: 1 }, (_, response) => void held.push(response));
  const before = post(url);
  await expect.poll(() => held.length).toBe(1);
  admission.end();
  const refused = await post(url);
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
  held[0]?.end();
  expect((await before).headers.get('connection')).toBe('close');
  const after = post(url);
  await expect.poll(() => held.length).toBe(2);
  // What has begun to be answered can only be finished.
  held[1]?.writeHead(200).write('begun');
  admission.end();
  held[1]?.end();
  expect((await after).headers.get('connection')).toBe('close');
});

describe('the line', () => {
  /** Turns come when the test says so. */
  function openLine() {
    const works: (() => void)[] = [];
    const turn = () => {
      for (const work of works.splice(0)) work();
    };
    return { works, turn, line: new ConnectionLine(1, (work) => works.push(work)) };
  }

  /** Asks over connections of its own, which it keeps. */
  function client(url: string) {
    const agent = new Agent({ keepAlive: true });
    ends.push(() => {
      agent.destroy();
    });
    return async () => {
      const sent = request(url, { agent, method: 'POST' }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      return response.statusCode;
    };
  }

  async function openFull() {
    const held: ServerResponse[] = [];
    const { turn, works, line } = openLine();
    const { url, shed, admission } = await open({ requests: 1 }, (_, response) => void held.push(response), line);
    const slow = client(url)();
    await expect.poll(() => held.length).toBe(1);
    const other = client(url);
    expect(await other()).toBe(503);
    await expect.poll(() => works.length).toBe(1);
    const again = other();
    // What comes over another connection is read, and what was sent before it therefore would have been.
    expect(await client(url)()).toBe(503);
    held[0]?.end();
    expect(await slow).toBe(200);
    expect([held.length, shed.length]).toEqual([1, 2]);
    return { turn, held, admission, again };
  }

  test('has whoever was turned away and asks again at once wait unread until the next turn', async () => {
    const { turn, held, again } = await openFull();
    turn();
    await expect.poll(() => held.length).toBe(2);
    held[1]?.end();
    expect(await again).toBe(200);
  });

  test('is read to its end before the server closes', async () => {
    const { admission, held, again } = await openFull();
    await admission.readAll();
    expect(held).toHaveLength(2);
    held[1]?.end();
    expect(await again).toBe(200);
  });

  test('begins where a hundred are in the house, and ends with them', async () => {
    const held: ServerResponse[] = [];
    const { works, turn, line } = openLine();
    const { url } = await open({ requests: 1000 }, (_, response) => void held.push(response), line);
    const answers = Array.from({ length: 129 }, () => client(url)());
    await expect.poll(() => held.length).toBe(129);
    held[0]?.end();
    await expect.poll(() => works.length).toBe(1);
    turn();
    expect(line.isWaiting).toBe(false);
    for (const response of held) response.end();
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    expect(line.isWaiting).toBe(false);
  });
});
