import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Admission, type AdmissionOptions } from './admission.ts';

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function open(options: Partial<AdmissionOptions>, listener: RequestListener) {
  const shed: string[] = [];
  const admission = new Admission({ requests: 10, loopDelayMs: 1e6, onShed: () => shed.push('one'), ...options });
  const server = createServer(admission.guard(listener)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    admission.close();
    server.closeAllConnections();
    server.close();
  });
  return { shed, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
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
