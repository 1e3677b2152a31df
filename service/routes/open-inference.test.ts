import { gunzipSync, gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeService, openFakeService } from '../../tests/support/fake-service.ts';
import { requestId } from '../request/request-id.ts';
import { openInferenceRoutes } from './open-inference.ts';

let service: FakeService;

beforeEach(async () => {
  service = await openFakeService({ shadowShare: 1 });
});

afterEach(async () => {
  await service.models.close();
});

const get = async (address: string) => await service.app.request(address);
const infer = async (body: unknown, address = '/v2/models/shop/infer') => await service.post(address, body);
const near = (value: number) => expect.closeTo(value, 6) as number;
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const tensor = { name: 'features', shape: [2, 2], datatype: 'FP32', data: [0.5, 1, -1, 0] };
const scores = [near(sigmoid(2.5)), near(sigmoid(-1))];
const output = { name: 'score', datatype: 'FP32', shape: [2] };
const answered = { model_name: 'shop', model_version: 'v1', outputs: [{ ...output, data: scores }] };

/** Posts JSON with bytes after it. */
async function postBinary(json: object, bytes: Buffer, headers: Record<string, string> = {}): Promise<Response> {
  const text = JSON.stringify(json);
  return await service.app.request('/v2/models/shop/infer', {
    method: 'POST',
    headers: { 'inference-header-content-length': String(Buffer.byteLength(text)), ...headers },
    body: Buffer.concat([Buffer.from(text), bytes]),
  });
}

describe('metadata', () => {
  test('tells of the server and of health', async () => {
    const server = { name: 'cleaver', version: '1.2.3', extensions: ['binary_tensor_data'] };
    expect(await (await get('/v2')).json()).toEqual(server);
    expect(await (await get('/v2/health/live')).json()).toEqual({ live: true });
    expect(await (await get('/v2/health/ready')).json()).toEqual({ ready: true });
  });

  test('tells of the model, of each version that answers, and how its features can be given', async () => {
    const numbers = ['FP32', 'FP64', 'INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'BOOL'];
    const metadata = {
      name: 'shop',
      versions: ['v1'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'score', datatype: 'FP32', shape: [-1] }],
      parameters: {
        features: [
          { name: 'orders', datatypes: numbers, shape: [-1], type: 'number' },
          { name: 'tier', datatypes: ['BYTES'], shape: [-1], type: 'category', values: ['basic', 'gold'] },
        ],
      },
    };
    expect(await (await get('/v2/models/shop')).json()).toEqual(metadata);
    expect(await (await get('/v2/models/shop/versions/v1')).json()).toEqual(metadata);
    service.registry.add('shop', 'v2', 'second');
    await service.registry.setAlias('shop', 'challenger', 'v2');
    await service.models.refresh();
    for (const address of ['/v2/models/shop', '/v2/models/shop/versions/v2']) {
      expect(await (await get(address)).json()).toEqual({ ...metadata, versions: ['v1', 'v2'] });
    }
  });
});

describe('readiness', () => {
  test('is true for a model and a version that answers', async () => {
    for (const address of ['/v2/models/shop/ready', '/v2/models/shop/versions/v1/ready']) {
      const response = await get(address);
      expect([response.status, await response.json()]).toEqual([200, { name: 'shop', ready: true }]);
    }
  });

  test('is false with the reason where a model is known and does not answer', async () => {
    service.registry.add('young', 'v1', 'first');
    service.registry.add('broken', 'v1', 'wide');
    await service.registry.promote('broken', 'v1');
    await service.models.refresh();
    for (const [model, error] of [
      ['young', 'No version of young has been promoted yet.'],
      ['broken', expect.stringContaining('does not load') as string],
    ]) {
      const response = await get(`/v2/models/${String(model)}/ready`);
      expect([response.status, await response.json()]).toEqual([503, { name: model, ready: false, error }]);
    }
    expect((await get('/v2/health/ready')).status).toBe(503);
  });

  test('of what is not known is an error', async () => {
    for (const address of ['/v2/models/shoe/ready', '/v2/models/shop/versions/v7/ready']) {
      const response = await get(address);
      expect([response.status, await response.json()]).toEqual([404, { error: expect.stringMatching(/\S/) as string }]);
    }
  });
});

describe('inference', () => {
  test.each(['/v2/models/shop/infer', '/v2/models/shop/versions/v1/infer'])('%s scores a tensor', async (address) => {
    const sent = { id: 'a1', inputs: [tensor], parameters: {}, outputs: [{ name: 'score' }] };
    expect(await infer(sent, address)).toEqual({ status: 200, body: { ...answered, id: 'a1' } });
  });

  test('an id that was not given is not echoed', async () => {
    expect((await infer({ inputs: [tensor] })).body).not.toHaveProperty('id');
  });

  test('features come by name as well', async () => {
    const orders = { name: 'orders', shape: [2], datatype: 'FP64', data: [0.5, -1] };
    const tier = { name: 'tier', shape: [2, 1], datatype: 'BYTES', data: ['gold', 'basic'] };
    expect(await infer({ inputs: [tier, orders] })).toEqual({ status: 200, body: answered });
  });

  test('no rows have no scores, and nothing is recorded', async () => {
    const { body } = await infer({
      inputs: [{ ...tensor, shape: [0, 2], data: [] }],
      parameters: { prediction_ids: true },
    });
    expect(body).toMatchObject({ parameters: { prediction_ids: [] }, outputs: [{ shape: [0], data: [] }] });
    expect(service.recorded.rows).toEqual([]);
  });

  test('binary data go in and out, packed or not', async () => {
    const input = { ...tensor, data: undefined, parameters: { binary_data_size: 16 } };
    const json = { inputs: [input], parameters: { binary_data_output: true } };
    const bytes = Buffer.from(Float32Array.from(tensor.data).buffer);
    const text = JSON.stringify(json);
    const packed = await service.app.request('/v2/models/shop/infer', {
      method: 'POST',
      headers: { 'inference-header-content-length': String(text.length), 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.concat([Buffer.from(text), bytes])),
    });
    for (const response of [await postBinary(json, bytes), packed]) {
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
      const jsonBytes = Number(response.headers.get('inference-header-content-length'));
      const body = Buffer.from(await response.arrayBuffer());
      expect(JSON.parse(body.toString('utf8', 0, jsonBytes))).toMatchObject({
        outputs: [{ ...output, parameters: { binary_data_size: 8 } }],
      });
      expect([body.readFloatLE(jsonBytes), body.readFloatLE(jsonBytes + 4)]).toEqual(scores);
    }
  });

  test('a body that is one tensor is answered in binary', async () => {
    const response = await service.app.request('/v2/models/shop/infer', {
      method: 'POST',
      headers: { 'inference-header-content-length': '0' },
      body: Float32Array.from(tensor.data),
    });
    const body = Buffer.from(await response.arrayBuffer());
    expect([body.readFloatLE(body.length - 8), body.readFloatLE(body.length - 4)]).toEqual(scores);
  });

  test('a large answer is packed for a client that takes it so', async () => {
    const rows = 5000;
    const data = Array.from({ length: rows * 2 }, (_, index) => (index % 2 === 0 ? index / 10_000 : 1));
    const sent = { method: 'POST', body: JSON.stringify({ inputs: [{ ...tensor, shape: [rows, 2], data }] }) };
    const plain = await service.app.request('/v2/models/shop/infer', sent);
    expect(plain.headers.get('content-encoding')).toBeNull();
    const packed = await service.app.request('/v2/models/shop/infer', {
      ...sent,
      headers: { 'accept-encoding': 'gzip' },
    });
    expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual(['gzip', 'accept-encoding']);
    expect(packed.headers.get('content-type')).toBe('application/json');
    expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(await plain.text());
  });

  test.each([
    ['no JSON', '/v2/models/shop/infer', 'x', 400],
    ['no inputs', '/v2/models/shop/infer', {}, 400],
    ['a shape of texts', '/v2/models/shop/infer', { inputs: [{ ...tensor, shape: ['2', '2'] }] }, 400],
    ['a wrong shape', '/v2/models/shop/infer', { inputs: [{ ...tensor, shape: [1, 4] }] }, 400],
    ['an unknown model', '/v2/models/shoe/infer', { inputs: [tensor] }, 404],
    ['an inherited name as a model', '/v2/models/__proto__/infer', { inputs: [tensor] }, 404],
    ['a version not served', '/v2/models/shop/versions/v7/infer', { inputs: [tensor] }, 404],
    ['an unknown address', '/v2/models/shop/guess', { inputs: [tensor] }, 404],
  ])('%s is answered by {error}', async (_, address, sent, status) => {
    expect(await infer(sent, address)).toEqual({ status, body: { error: expect.stringMatching(/\S/) as string } });
  });

  test('an error says where it is', async () => {
    const { body } = await infer({ inputs: [{ ...tensor, data: [0.5, 1, -1, '0'] }] });
    expect(body['error']).toMatch(/^inputs\[0\]\.data\[3\]: Value 3 is no finite 32-bit number\. /);
  });
});

describe('the record', () => {
  test('has each row under an id of its own, which is told where it is asked for', async () => {
    await infer({ inputs: [tensor] });
    const { body } = await infer({ inputs: [tensor], parameters: { prediction_ids: true } });
    const [first, second] = service.recorded.rows;
    expect(first).toEqual({
      model: 'shop',
      version: 'v1',
      role: 'answer',
      requestId: expect.stringMatching(/^[\w-]{13,20}$/) as string,
      ids: [expect.stringMatching(/-0$/), expect.stringMatching(/-1$/)],
      scores: Float32Array.from(first?.scores ?? []),
      features: Float32Array.from(tensor.data),
      columns: 2,
    });
    expect([...(first?.scores ?? [])]).toEqual(scores);
    expect(body['parameters']).toEqual({ prediction_ids: second?.ids });
    expect(second?.ids).not.toEqual(first?.ids);
  });

  test('is waited for where it promises, and what keeps it from being written keeps back the answer', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    service.recording.answer = () => promise;
    let isAnswered = false;
    const answer = infer({ inputs: [tensor] }).finally(() => (isAnswered = true));
    await expect.poll(() => service.recorded.rows.length).toBe(1);
    await new Promise((next) => setImmediate(next));
    expect(isAnswered).toBe(false);
    resolve(undefined);
    expect((await answer).status).toBe(200);
    service.recording.answer = () => Promise.reject(new Error('the disk'));
    expect((await infer({ inputs: [tensor] })).status).toBe(500);
  });
});

describe('beside the answer', () => {
  const sent = {
    method: 'POST',
    headers: { 'x-request-id': 'r1' },
    body: JSON.stringify({ inputs: [tensor], parameters: { prediction_ids: true } }),
  };
  const shadowed: unknown[][] = [];
  const scoredBy: unknown[] = [];
  const appOf = (models: FakeService['models']) =>
    new Hono()
      .use(requestId(), async (context, next) => {
        await next();
        scoredBy.push(context.get('scoredBy'));
      })
      .route(
        '/v2',
        openInferenceRoutes({
          models,
          metrics: { rows: () => undefined },
          serverVersion: '1.2.3',
          limits: { bodyBytes: 1000, rows: 10 },
          shadow: { score: (...row) => Promise.resolve(void shadowed.push(row)) },
        }),
      );

  test('the challenger scores what names no version, by the names of the features', async () => {
    const app = appOf(service.models);
    const answer = (await (await app.request('/v2/models/shop/infer', sent)).json()) as { parameters: object };
    await app.request('/v2/models/shop/versions/v1/infer', sent);
    const rows = [
      { orders: 0.5, tier: 'gold' },
      { orders: -1, tier: 'basic' },
    ];
    const [[, , ids] = []] = shadowed;
    expect(shadowed).toEqual([[expect.objectContaining({ model: 'shop', version: 'v1' }), rows, ids, 'r1']]);
    expect(answer.parameters).toEqual({ prediction_ids: ids });
  });

  test('the log can tell who scored', async () => {
    scoredBy.length = 0;
    const app = appOf(service.models);
    await app.request('/v2/models/shop/infer', sent);
    await app.request('/v2/models/shoe/infer', sent);
    expect(scoredBy).toEqual([{ model: 'shop', version: 'v1' }, undefined]);
  });
});
