import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { type Home, homeAt } from '../pipelines/adapters/home.ts';
import { fakeVersion } from '../tests/support/fake-registry.ts';
import { serviceClient } from './client.ts';
import type { Prediction, readiness } from './openapi/answers.ts';
import type { errorBody } from './openapi/error-body.ts';
import type { inferResponse } from './openapi/v2-schemas.ts';
import { type RunningServer, startServer } from './server.ts';
import { readSettings } from './settings.ts';

let folder: string;
let server: RunningServer;
let client: ReturnType<typeof serviceClient>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'cleaver-client-'));
  const home = homeAt(folder);
  await promote(home);
  server = await startServer({ home, settings: readSettings({ PORT: '0' }), log: () => undefined });
  client = serviceClient(server.url);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function promote(home: Home): Promise<void> {
  const registry = openFileRegistry(home.registry, home.work);
  const file = path.join(import.meta.dirname, '..', 'tests', 'models', 'first.onnx');
  const { version } = await registry.register(file, fakeVersion('shop', 'v1', 'first'));
  await registry.setAlias('shop', 'champion', version);
}

const param = { model: 'shop' };
const row = { orders: 0, tier: 'basic' };

describe('the typed client', () => {
  test('posts rows and reads the predictions, typed on both sides', async () => {
    const answer = await client.predict[':model'].$post({ param, json: { row } });
    expect(answer.ok).toBe(true);
    if (!answer.ok) return;
    const body = await answer.json();
    expectTypeOf(body).toEqualTypeOf<{ model: string; version: string; predictions: Prediction[] }>();
    expect(body).toEqual({
      model: 'shop',
      version: 'v1',
      predictions: [{ id: expect.any(String) as string, score: 0.5 }],
    });
  });

  test('types what is wrong by the status', async () => {
    const answer = await client.predict[':model'].$post({ param: { model: 'shoe' }, json: { row } });
    expectTypeOf(answer.status).toEqualTypeOf<200 | 400 | 401 | 403 | 404 | 413 | 500 | 503>();
    expect(answer.status).toBe(404);
    if (answer.status !== 404) return;
    const body = await answer.json();
    expectTypeOf(body).toEqualTypeOf<z.output<typeof errorBody>>();
    expect(body).toMatchObject({ code: 'MODEL_UNKNOWN', message: 'There is no model "shoe".' });
  });

  test('speaks the Open Inference Protocol', async () => {
    const inputs = [{ name: 'features', shape: [1, 2], datatype: 'FP32' as const, data: [0, 0] }];
    const answer = await client.v2.models[':model'].infer.$post({ param, json: { inputs } });
    expect(answer.ok).toBe(true);
    if (!answer.ok) return;
    const body = await answer.json();
    expectTypeOf(body).toEqualTypeOf<z.output<typeof inferResponse>>();
    expect(body.outputs[0]?.data).toEqual([0.5]);
  });

  test('asks what takes no body, and reads text', async () => {
    const ready = await client.readyz.$get();
    if (ready.status !== 500) expectTypeOf(await ready.json()).toEqualTypeOf<z.output<typeof readiness>>();
    expect(ready.status).toBe(200);
    const metrics = await client.metrics.$get();
    const text = await metrics.text();
    expectTypeOf(text).toEqualTypeOf<string>();
    expect(text).toContain('cleaver_http_requests_total');
  });

  test('takes nothing that the service does not', () => {
    const calls = () => [
      // @ts-expect-error A feature is a number, a text or null.
      client.predict[':model'].$post({ param, json: { row: { orders: true } } }),
      // @ts-expect-error The model is missing.
      client.predict[':model'].$post({ json: { row } }),
      // @ts-expect-error A label is 0 or 1.
      client.outcomes.$post({ json: { outcomes: [{ id: 'x', label: 2 }] } }),
    ];
    expect(calls).toBeTypeOf('function');
  });

  test('brings the key, by the fetch that it is given', async () => {
    const seen: (string | null)[] = [];
    const send = async (...[input, init]: Parameters<typeof fetch>) => {
      seen.push(new Headers(init?.headers).get('authorization'));
      return await fetch(input, init);
    };
    expect((await serviceClient(server.url, { key: 'cleaver_x', fetch: send }).livez.$get()).status).toBe(200);
    expect((await serviceClient(server.url, { fetch: send }).livez.$get()).status).toBe(200);
    expect(seen).toEqual(['Bearer cleaver_x', null]);
  });
});
