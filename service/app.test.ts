import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeService, openFakeService } from '../tests/support/fake-service.ts';
import { readinessOf } from './routes/health.ts';

let service: FakeService;

beforeEach(async () => {
  service = await openFakeService({ environment: { CLEAVER_MAX_BODY_MB: '1', CLEAVER_MAX_ROWS: '1000' } });
});

afterEach(async () => {
  await service.models.close();
});

const get = async (address: string) => await service.app.request(address);
const row = { orders: 0.5, tier: 'gold' };
const near = (value: number) => expect.closeTo(value, 6) as number;
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
// What tests/models/make.py says of the two, for orders and the index of the tier.
const scoreOf: Record<string, (orders: number, tier: number) => number> = {
  v1: (orders, tier) => sigmoid(orders + 2 * tier),
  v2: (orders, tier) => sigmoid(0.5 * tier - orders - 1),
};

describe('/predict', () => {
  test('scores rows in their order and names the version', async () => {
    const { status, body } = await service.post('/predict/shop', { rows: [row, { orders: -1, tier: 'basic' }] });
    expect(status).toBe(200);
    expect(body).toEqual({
      model: 'shop',
      version: 'v1',
      predictions: [
        { id: expect.any(String) as string, score: near(sigmoid(2.5)) },
        { id: expect.any(String) as string, score: near(sigmoid(-1)) },
      ],
    });
  });

  test('takes one row by itself', async () => {
    const { body } = await service.post('/predict/shop', { row });
    expect(body['predictions']).toEqual([{ id: expect.any(String) as string, score: near(sigmoid(2.5)) }]);
  });

  test.each([
    ['no JSON', '{"rows": [', 400, 'REQUEST_INVALID', undefined],
    ['an empty body', '', 400, 'REQUEST_INVALID', undefined],
    ['NaN, which is not JSON', '{"row": {"orders": NaN, "tier": null}}', 400, 'REQUEST_INVALID', undefined],
    ['a list', '[]', 400, 'REQUEST_INVALID', undefined],
    ['neither row nor rows', '{}', 400, 'REQUEST_INVALID', undefined],
    ['row and rows', { row, rows: [row] }, 400, 'REQUEST_INVALID', undefined],
    ['something besides', { row, model: 'shop' }, 400, 'REQUEST_INVALID', undefined],
    ['rows that are no list', { rows: row }, 400, 'REQUEST_INVALID', 'rows'],
    ['a number beyond all numbers', '{"row": {"orders": 1e999, "tier": null}}', 400, 'REQUEST_INVALID', 'row.orders'],
    [
      'a wrong type in the second row',
      { rows: [row, { ...row, orders: '1' }] },
      400,
      'REQUEST_INVALID',
      'rows[1].orders',
    ],
    ['a missing feature', { row: { orders: 1 } }, 400, 'FEATURE_MISSING', 'row'],
    ['an unknown feature', { row: { ...row, age: 1 } }, 400, 'FEATURE_UNKNOWN', 'row'],
    ['a __proto__', '{"row": {"orders": 1, "tier": null, "__proto__": {"a": 1}}}', 400, 'FEATURE_UNKNOWN', 'row'],
    [
      'a feature given twice',
      '{"row": {"orders": 1, "tier": "gold", "orders": 2}}',
      400,
      'REQUEST_INVALID',
      'row.orders',
    ],
    ['an entity of another kind', { row, entity: { id: 1 } }, 400, 'REQUEST_INVALID', 'entity'],
    ['entities beside one row', { row, entities: ['c1'] }, 400, 'REQUEST_INVALID', 'entities'],
    ['one entity beside rows', { rows: [row], entity: 'c1' }, 400, 'REQUEST_INVALID', 'entity'],
    ['fewer entities than rows', { rows: [row, row], entities: ['c1'] }, 400, 'REQUEST_INVALID', 'entities'],
    ['too many rows', { rows: Array.from({ length: 1001 }, () => row) }, 400, 'REQUEST_INVALID', 'rows'],
  ])('%s is refused with code, message, hint and place', async (_, sent, status, code, path) => {
    const answer = await service.post('/predict/shop', sent);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      code,
      message: expect.stringMatching(/\S/) as string,
      hint: expect.stringMatching(/\S/) as string,
      ...(path === undefined ? {} : { path }),
    });
  });

  test('a body that is no JSON is told so, with what is wrong in it and how it would be right', async () => {
    expect((await service.post('/predict/shop', '{"row": NaN}')).body).toEqual({
      code: 'REQUEST_INVALID',
      message: expect.stringMatching(/^The body is not JSON: Unexpected token 'N'/) as string,
      hint: 'A missing value is null; NaN is not JSON. Send, for example: {"rows": [{"feature": 1}]}',
    });
  });

  test('a body that says that it is over the limit is refused unread', async () => {
    const headers = { 'content-length': String(1024 * 1024 + 1) };
    const request = new Request('http://service/predict/shop', {
      method: 'POST',
      headers,
      body: JSON.stringify({ row }),
    });
    const response = await service.app.request(request);
    expect([response.status, await response.json()]).toEqual([
      413,
      { code: 'BODY_TOO_LARGE', message: 'The body is over 1 MiB.', hint: 'Send fewer rows at a time.' },
    ]);
    expect(request.bodyUsed).toBe(false);
  });

  test('a body over the limit is refused while it streams, whatever it says of its length', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(1024 * 1024).fill(32));
      },
    });
    const response = await service.app.request('/predict/shop', {
      method: 'POST',
      body,
      duplex: 'half',
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(sent).toBeLessThan(20);
  });

  test('a letter that comes in two pieces stays whole', async () => {
    const bytes = new TextEncoder().encode('{"row": {"größe": 1}}');
    const cut = bytes.indexOf(0xc3) + 1;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.subarray(0, cut));
        controller.enqueue(bytes.subarray(cut));
        controller.close();
      },
    });
    const response = await service.app.request('/predict/shop', { method: 'POST', body, duplex: 'half' });
    expect(await response.json()).toMatchObject({ message: 'The model has no feature "größe".' });
  });

  test('an unknown model is refused, one without champion is not ready', async () => {
    expect(await service.post('/predict/shoe', { row })).toMatchObject({
      status: 404,
      body: { code: 'MODEL_UNKNOWN' },
    });
    expect(await service.post('/predict/__proto__', { row })).toMatchObject({ status: 404 });
    service.registry.add('young', 'v1', 'first');
    await service.models.refresh();
    expect(await service.post('/predict/young', { row })).toMatchObject({
      status: 503,
      body: { code: 'CHAMPION_MISSING' },
    });
  });

  test('a model that cannot take a missing value says so instead of answering null', async () => {
    const answer = await service.post('/predict/shop', { row: { orders: null, tier: 'gold' } });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_INVALID', message: 'shop v1 takes no missing value, and row 0 has one.' },
    });
    expect(service.lines).toEqual([]);
  });
});

describe('a swap under load', () => {
  test('fails no request, and every answer is right for the version it names', async () => {
    service.registry.add('shop', 'v2', 'second');
    const wrong: unknown[] = [];
    const seen = new Set<string>();
    let answered = 0;
    const client = async (offset: number) => {
      for (let index = 0; index < 150; index += 1) {
        const orders = ((offset + index) % 7) / 7;
        const { status, body } = await service.post('/predict/shop', { row: { orders, tier: 'gold' } });
        const { version, predictions } = body as { version: string; predictions: { score: number }[] };
        answered += 1;
        seen.add(version);
        const expected = scoreOf[version]?.(orders, 1) ?? Number.NaN;
        if (status !== 200 || !(Math.abs((predictions[0]?.score ?? Number.NaN) - expected) < 1e-6)) wrong.push(body);
      }
    };
    const swaps = async () => {
      for (const version of ['v2', 'v1', 'v2', 'v1', 'v2']) {
        await service.post('/predict/shop', { row });
        await service.registry.promote('shop', version);
        await service.models.refresh();
      }
    };
    await Promise.all([...Array.from({ length: 8 }, (_, offset) => client(offset)), swaps()]);
    expect(wrong).toEqual([]);
    expect(answered).toBe(1200);
    expect([...seen].sort()).toEqual(['v1', 'v2']);
  });
});

describe('health', () => {
  test('is live and ready when every model answers', async () => {
    expect((await get('/livez')).status).toBe(200);
    const ready = await get('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ready: true, reasons: [], models: [{ model: 'shop', version: 'v1' }] });
  });

  test('is not ready while a registered model has no champion, and says why', async () => {
    service.registry.add('young', 'v1', 'first');
    await service.models.refresh();
    const ready = await get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ready: false, reasons: ['No version of young has been promoted yet.'] });
    expect((await get('/v2/health/ready')).status).toBe(503);
    expect((await get('/livez')).status).toBe(200);
  });

  test('stays ready on the last good version, and says that the champion does not load', async () => {
    service.registry.add('shop', 'v2', 'wide');
    await service.registry.promote('shop', 'v2');
    await service.models.refresh();
    const ready = await get('/readyz');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      ready: true,
      reasons: [expect.stringContaining('shop goes on with v1') as string],
      models: [{ model: 'shop', version: 'v1', problem: { code: 'MODEL_FILE_INVALID' } }],
    });
  });

  test('is not ready before every champion has been tried, even when the first one answers', () => {
    const models = { statuses: () => service.models.statuses(), registryProblem: undefined, isStarting: true };
    expect(readinessOf(models)).toMatchObject({ ready: false, reasons: ['starting: the models are being loaded.'] });
  });

  test('is not ready any more when the server is about to end, whose models still answer', async () => {
    service.models.isEnding = true;
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({ ready: false, reasons: [expect.stringMatching(/^ending: /) as string] }),
    ]);
    expect((await get('/v2/health/ready')).status).toBe(503);
    expect((await service.post('/predict/shop', { row })).status).toBe(200);
  });

  test('is not ready with an empty registry', async () => {
    service.registry.remove('shop');
    await service.models.refresh();
    const ready = await get('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ reasons: ['No model is registered yet.'] });
  });
});

describe('/metrics', () => {
  test('counts requests by route, rows, swaps and failed loads, and names the served version', async () => {
    await service.post('/predict/shop', { rows: [row, row] });
    await service.post('/predict/shop', {});
    await get('/no/such/address');
    service.registry.add('shop', 'v2', 'second');
    await service.registry.promote('shop', 'v2');
    await service.models.refresh();
    service.registry.add('shop', 'v3', 'wide');
    await service.registry.promote('shop', 'v3');
    await service.models.refresh();
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const lines = (await response.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'cleaver_http_requests_total{method="POST",route="/predict/:model",status="200"} 1',
        'cleaver_http_requests_total{method="POST",route="/predict/:model",status="400"} 1',
        'cleaver_http_requests_total{method="GET",route="unknown",status="404"} 1',
        'cleaver_http_request_duration_seconds_count{method="POST",route="/predict/:model"} 2',
        'cleaver_rows_scored_total{model="shop",version="v1"} 2',
        'cleaver_scores_count{model="shop",version="v1",role="answer"} 2',
        'cleaver_model_info{model="shop",version="v2",as_of="2025-04-01",sha256="second"} 1',
        'cleaver_model_swaps_total{model="shop"} 1',
      ]),
    );
    expect(lines.some((line) => line.startsWith('process_cpu_seconds_total '))).toBe(true);
    expect(lines.filter((line) => line.startsWith('cleaver_model_info{'))).toHaveLength(1);
    const failures = lines.find((line) => line.startsWith('cleaver_model_load_failures_total{model="shop"} '));
    expect(Number(failures?.split(' ').at(-1))).toBeGreaterThan(0);
  });
});

describe('errors', () => {
  test('an unknown address and an unknown method have a code', async () => {
    for (const response of [await get('/no/such/address'), await get('/predict/shop')]) {
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'ROUTE_UNKNOWN' });
    }
  });

  test('a bug of ours shows a request id and no more; the stack goes to the log under the same id', async () => {
    service.models.use = () => Promise.reject(new TypeError('secret detail'));
    const { status, body } = await service.post('/predict/shop', { row });
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'INTERNAL', requestId: expect.stringMatching(/^[\w-]{13,20}$/) as string });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(service.lines.join('\n')).toContain(body['requestId']);
    expect(service.lines.join('\n')).toContain('TypeError: secret detail');
  });

  test('every answer carries the security headers, and none allows other origins', async () => {
    for (const address of ['/admin', '/livez', '/no/such/address']) {
      const { headers } = await service.app.request(address, { headers: { origin: 'http://other.example' } });
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'/,
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
