import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { errorResponse } from '../error-response.ts';
import { type ApiKey, makeApiKey, parseApiKeys, parseScopes, requireScope } from './api-keys.ts';

const shop = makeApiKey('shop', ['predict', 'outcomes']);
const chief = makeApiKey('chief', ['predict', 'outcomes', 'admin', 'metrics']);

function appWith(keys: readonly ApiKey[] | undefined): Hono {
  const app = new Hono();
  app.onError(errorResponse({ error: () => undefined }));
  app.use('/predict/*', requireScope(keys, 'predict'));
  app.use('/admin/*', requireScope(keys, 'admin'));
  app.get('/livez', (context) => context.text('alive'));
  app.get('/predict/shop', (context) => context.text('scores'));
  app.get('/admin/shop', (context) => context.text('page'));
  return app;
}

async function ask(address: string, headers: Record<string, string>) {
  const { keys } = parseApiKeys(`${shop.line}\n${chief.line}`);
  const response = await appWith(keys).request(address, { headers });
  const text = await response.text();
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
  };
}

describe('a new key', () => {
  test('is 256 random bits with a prefix by which it can be found where it should not be', () => {
    expect(shop.key).toMatch(/^cleaver_[\w-]{43}$/);
    expect(makeApiKey('shop', ['predict']).key).not.toBe(shop.key);
  });

  test('has a line for the file, which does not hold it', () => {
    expect(shop.line).toMatch(/^shop predict,outcomes [0-9a-f]{64}$/);
    expect(shop.line).not.toContain(shop.key);
  });
});

describe('the file of keys', () => {
  test('is read with comments, empty lines and any white space', () => {
    const hash = shop.line.split(' ')[2] ?? '';
    const { keys, problems } = parseApiKeys(
      `# ours\r\n\r\n  shop\tpredict  ${hash.toUpperCase()} # of 2026\r\nall * ${hash}`,
    );
    expect(problems).toEqual([]);
    expect(keys.map(({ name, scopes }) => [name, scopes])).toEqual([
      ['shop', ['predict']],
      ['all', ['predict', 'outcomes', 'admin', 'metrics']],
    ]);
    expect(keys[0]?.hash.toString('hex')).toBe(hash);
  });

  test('tells of every bad line by its number, not by what is in it', () => {
    const hash = 'a'.repeat(64);
    const text = [
      `shop predict ${hash}`,
      shop.key,
      `${shop.key} predict`,
      `a/b predict ${hash}`,
      `one predict,everything ${hash}`,
      `two predict ${shop.key}`,
      `shop outcomes ${hash}`,
      `three predict ${hash} more`,
    ].join('\n');
    const { keys, problems } = parseApiKeys(text);
    expect(keys.map(({ name }) => name)).toEqual(['shop']);
    expect(problems).toEqual([
      'line 2 is not `name scopes sha256`',
      'line 3 is not `name scopes sha256`',
      'line 4 has a name that is not 1 to 64 letters, digits, dots and dashes',
      'line 5 has other scopes than predict, outcomes, admin, metrics or *',
      'line 6 has no SHA-256 in hex at its end',
      'line 7 has a name that is taken',
      'line 8 is not `name scopes sha256`',
    ]);
  });

  test('without a key in it is a problem: nobody could ask anything', () => {
    expect(parseApiKeys('# none yet\n').problems).toEqual(['there is no key in it']);
  });

  test.each(['', 'Predict', 'predict,', 'predict,*', 'predict outcomes', '__proto__'])('%j are no scopes', (list) => {
    expect(parseScopes(list)).toBeUndefined();
  });
});

describe('a route that asks for a scope', () => {
  test.each([
    ['as a bearer token', { authorization: `Bearer ${shop.key}` }],
    ['as a bearer token, whatever the case of the word', { authorization: `bearer  ${shop.key}` }],
    ['as X-API-Key', { 'x-api-key': shop.key }],
    ['as X-API-Key beside the login of a proxy', { 'x-api-key': shop.key, authorization: 'Basic YTpi' }],
  ])('lets a key with it through, sent %s', async (_, headers) => {
    expect(await ask('/predict/shop', headers)).toEqual({ status: 200, challenge: null, body: 'scores' });
  });

  test.each([
    ['nothing', {}],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a login', { authorization: 'Basic YTpi' }],
  ])('answers %s with 401 and what to send', async (_, headers) => {
    expect(await ask('/predict/shop', headers as Record<string, string>)).toEqual({
      status: 401,
      challenge: 'Bearer realm="cleaver"',
      body: {
        code: 'API_KEY_MISSING',
        message: 'This address asks for an API key.',
        hint: 'Send it as `Authorization: Bearer …` or `X-API-Key`.',
      },
    });
  });

  test.each([
    ['a wrong one', `${shop.key.slice(0, -1)}!`],
    ['the hash instead of the key', shop.line.split(' ')[2] ?? ''],
    ['a name', 'shop'],
  ])('answers %s with 401, and does not repeat it', async (_, key) => {
    const answer = await ask('/predict/shop', { authorization: `Bearer ${key}` });
    expect(answer).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="cleaver", error="invalid_token"',
      body: { code: 'API_KEY_UNKNOWN', message: 'The service does not know this API key.' },
    });
    expect(JSON.stringify(answer)).not.toContain(key === 'shop' ? '"shop"' : key);
  });

  test('answers a key for something else with 403 and the scope that it lacks', async () => {
    expect(await ask('/admin/shop', { 'x-api-key': shop.key })).toMatchObject({
      status: 403,
      challenge: 'Bearer realm="cleaver", error="insufficient_scope", scope="admin"',
      body: { code: 'API_KEY_FORBIDDEN', message: 'This API key is not for this address.' },
    });
    expect((await ask('/admin/shop', { 'x-api-key': chief.key })).status).toBe(200);
  });

  test('leaves other routes alone', async () => {
    expect(await ask('/livez', {})).toMatchObject({ status: 200, body: 'alive' });
  });

  test('lets everybody through where there are no keys', async () => {
    expect((await appWith(undefined).request('/admin/shop')).status).toBe(200);
  });
});
