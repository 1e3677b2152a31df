import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { type Home, homeAt } from '../pipelines/adapters/home.ts';
import { fakeVersion } from '../tests/support/fake-registry.ts';
import { serviceClient } from './client.ts';
import type { Prediction } from './openapi/answers.ts';
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

describe('the typed client', () => {
  test('posts rows and reads the predictions, typed on both sides', async () => {
    const answer = await client.predict[':model'].$post({ param, json: { row: { orders: 0, tier: 'basic' } } });
    if (!answer.ok) throw new Error((await answer.json()).message);
    const body = await answer.json();
    expectTypeOf(body).toEqualTypeOf<{ model: string; version: string; predictions: Prediction[] }>();
    expect(body).toEqual({
      model: 'shop',
      version: 'v1',
      predictions: [{ id: expect.any(String) as string, score: 0.5 }],
    });
  });
});
