import { createAdaptorServer } from '@hono/node-server';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { requestId } from './request-id.ts';

function echo(): Hono {
  const app = new Hono();
  app.use(requestId());
  app.get('/', (context) => context.json({ id: context.get('requestId') }));
  app.get('/fail', () => {
    throw new Error('it fails');
  });
  app.onError((_error, context) => context.json({ id: context.get('requestId') }, 500));
  return app;
}

async function listen(): Promise<string> {
  const server = createAdaptorServer({ fetch: echo().fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Asks the app by itself, or over a socket, where the header takes another way. */
const WAYS: [string, () => Promise<(address: string, headers?: Record<string, string>) => Promise<Response>>][] = [
  ['in the app', () => Promise.resolve(async (address, headers = {}) => await echo().request(address, { headers }))],
  [
    'over a socket',
    async () => {
      const url = await listen();
      return async (address, headers = {}) => await fetch(url + address, { headers });
    },
  ],
];

describe.each(WAYS)('%s', (_, open) => {
  test.each(['a', 'shop-1:2.3_X', 'a'.repeat(128)])('a client’s own id is taken: %s', async (id) => {
    const ask = await open();
    const response = await ask('/', { 'x-request-id': id });
    expect(response.headers.get('x-request-id')).toBe(id);
    expect(await response.json()).toEqual({ id });
  });

  test.each(['a'.repeat(129), 'a b', 'a,b', 'é', '{"a":1}', 'someone@example.com'])('%j is replaced', async (id) => {
    const ask = await open();
    const response = await ask('/', { 'x-request-id': id });
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{12}-[0-9a-z]+$/);
  });

  test('each request without one gets another, and the answer to a failed one has it too', async () => {
    const ask = await open();
    const responses = [await ask('/'), await ask('/'), await ask('/fail')];
    const ids = responses.map((response) => response.headers.get('x-request-id'));
    expect(await Promise.all(responses.map((response) => response.json()))).toEqual(ids.map((id) => ({ id })));
    expect(new Set(ids).size).toBe(3);
    expect(responses[2]?.status).toBe(500);
  });
});
