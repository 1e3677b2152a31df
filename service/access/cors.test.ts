import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { errorResponse } from '../error-response.ts';
import { makeApiKey, parseApiKeys, requireScope } from './api-keys.ts';
import { allowOrigins } from './cors.ts';

const SHOP = 'https://shop.example';
const key = makeApiKey('shop', ['predict']);

function appFor(origins: string[]): Hono {
  const app = new Hono();
  app.onError(errorResponse({ error: () => undefined }));
  allowOrigins(app, origins);
  app.use('/predict/*', requireScope(parseApiKeys(key.line).keys, 'predict'));
  app.post('/predict/shop', (context) => context.json({ score: 0.5 }));
  app.get('/v2', (context) => context.json({ name: 'cleaver' }));
  app.get('/admin', (context) => context.text('page'));
  return app;
}

async function ask(app: Hono, method: string, address: string, headers: Record<string, string>) {
  const response = await app.request(address, { method, headers });
  return {
    status: response.status,
    allowed: response.headers.get('access-control-allow-origin'),
    headers: response.headers,
  };
}

test('by default no origin is allowed', async () => {
  const app = appFor([]);
  expect(await ask(app, 'GET', '/v2', { origin: SHOP })).toMatchObject({ status: 200, allowed: null });
  expect(await ask(app, 'OPTIONS', '/predict/shop', { origin: SHOP })).toMatchObject({ status: 401, allowed: null });
});

test('an origin that is named is allowed, its preflight too, which brings no key', async () => {
  const app = appFor(['https://other.example', SHOP]);
  const preflight = await ask(app, 'OPTIONS', '/predict/shop', {
    origin: SHOP,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,x-api-key',
  });
  expect(preflight).toMatchObject({ status: 204, allowed: SHOP });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('X-API-Key');
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET,POST');
  const answer = await ask(app, 'POST', '/predict/shop', { origin: SHOP, 'x-api-key': key.key });
  expect(answer).toMatchObject({ status: 200, allowed: SHOP });
  expect(answer.headers.get('vary')).toContain('Origin');
  expect(answer.headers.get('access-control-expose-headers')).toContain('X-Request-Id');
});

test('what brings no origin gets no more than a word to caches', async () => {
  const { status, allowed, headers } = await ask(appFor([SHOP]), 'GET', '/v2', {});
  expect([status, allowed, headers.get('vary')]).toEqual([200, null, 'Origin']);
});

test('a page that is allowed can read why it was refused', async () => {
  expect(await ask(appFor([SHOP]), 'POST', '/predict/shop', { origin: SHOP })).toMatchObject({
    status: 401,
    allowed: SHOP,
  });
});

test.each(['https://shop.example.evil.example', 'http://shop.example', 'null', 'https://SHOP.example'])(
  '%s is not allowed',
  async (origin) => {
    const app = appFor([SHOP]);
    expect((await ask(app, 'GET', '/v2', { origin })).allowed).toBeNull();
    expect((await ask(app, 'OPTIONS', '/predict/shop', { origin })).allowed).toBeNull();
  },
);

test('the manager’s page is open to no other origin', async () => {
  expect((await ask(appFor([SHOP]), 'GET', '/admin', { origin: SHOP })).allowed).toBeNull();
});
