import { afterEach, beforeEach, expect, test } from 'vitest';
import { homeAt } from '../pipelines/adapters/home.ts';
import type { ModelManifest } from '../pipelines/core/manifest.ts';
import { type FakeRegistry, fakeRegistry } from '../tests/support/fake-registry.ts';
import { recorded } from '../tests/support/recorded.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { personLog } from './log/person-log.ts';
import { openService, type Service } from './service.ts';
import { readSettings } from './settings.ts';

let folder: string;
let lines: string[];
let registry: FakeRegistry;
let service: Service;

beforeEach(async () => {
  folder = await temporaryFolder();
  lines = [];
  registry = fakeRegistry();
  registry.add('shop', 'v1', 'first');
  registry.add('shop', 'v2', 'second');
  await registry.promote('shop', 'v1');
  await registry.setAlias('shop', 'challenger', 'v2');
});

afterEach(async () => {
  await service.close();
});

async function open(environment: Record<string, string> = {}): Promise<void> {
  const settings = { CLEAVER_SERVE: 'champion,challenger', CLEAVER_CANARY: '1', ...environment };
  service = await openService({
    ...{ home: homeAt(folder), settings: readSettings(settings), registry },
    log: personLog((line) => lines.push(line)),
  });
  await service.models.refresh();
}

/** Gives the challenger other features than the champion has. */
async function otherFeatures(features: ModelManifest['features']): Promise<void> {
  const challenger = await registry.version('shop', 'v2');
  challenger.features = features;
}

async function post(address: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await service.app.request(address, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, ...((await response.json()) as object) };
}

async function counted(): Promise<string[]> {
  const page = await (await service.app.request('/metrics')).text();
  return page.split('\n').filter((line) => /^cleaver_(canary|rows_scored|shadow|challenger_info)\w*\{/.test(line));
}

const row = { orders: 0.5, tier: 'gold' };
const tensor = { name: 'features', shape: [1, 2], datatype: 'FP32', data: [0.5, 1] };

test('the challenger answers both protocols, by its name in the answer and in the record, and no shadow beside', async () => {
  await open({ CLEAVER_SHADOW: '1' });
  expect(await post('/predict/shop', { row, entity: 'c1' })).toMatchObject({ status: 200, version: 'v2' });
  expect(await post('/v2/models/shop/infer', { inputs: [tensor] })).toMatchObject({ status: 200, model_version: 'v2' });
  expect(await post('/v2/models/shop/versions/v1/infer', { inputs: [tensor] })).toMatchObject({ model_version: 'v1' });
  expect(await counted()).toEqual([
    'cleaver_canary_requests_total{model="shop"} 2',
    'cleaver_canary_failures_total{model="shop"} 0',
    'cleaver_canary_rows_total{model="shop"} 2',
    'cleaver_rows_scored_total{model="shop",version="v2"} 2',
    'cleaver_rows_scored_total{model="shop",version="v1"} 1',
    'cleaver_challenger_info{model="shop",version="v2"} 1',
  ]);
  await service.close();
  const { lines: taken } = await recorded(homeAt(folder).predictions);
  expect(taken).toMatchObject([
    { version: 'v2', role: 'answer' },
    { version: 'v2', role: 'answer' },
    { version: 'v1', role: 'answer' },
  ]);
});

test('what the champion answers has the challenger as its shadow still', async () => {
  await open({ CLEAVER_CANARY: '0.000001', CLEAVER_SHADOW: '1' });
  expect(await post('/predict/shop', { rows: [row], entities: ['c1'] })).toMatchObject({ version: 'v1' });
  await expect.poll(counted).toContain('cleaver_shadow_rows_total{model="shop"} 1');
});

test('several rows fall to whom the first entity falls', async () => {
  await open({ CLEAVER_CANARY: '0.5' });
  const versionFor = async (...entities: string[]) =>
    (await post('/predict/shop', { rows: entities.map(() => row), entities }))['version'];
  const entities = Array.from({ length: 20 }, (_, index) => `c${index}`);
  const alone = await Promise.all(entities.map((entity) => versionFor(entity)));
  expect(new Set(alone)).toEqual(new Set(['v1', 'v2']));
  const led = await Promise.all(entities.map((entity) => versionFor(entity, ...entities)));
  expect(led).toEqual(alone);
});

test('where the challenger has other features the champion answers, counted and told', async () => {
  await otherFeatures({ visits: { type: 'number' }, tier: { type: 'number' } });
  await open();
  expect(await post('/predict/shop', { row })).toMatchObject({ status: 200, version: 'v1' });
  expect(await counted()).toContain('cleaver_canary_failures_total{model="shop"} 1');
  expect(lines.join('\n')).toContain('the champion answers a request that the challenger of shop cannot');
});

test('a tensor, whose columns have no names, is not given to a challenger with the same number of others', async () => {
  await otherFeatures({ tier: { type: 'category', values: ['basic', 'gold'] }, orders: { type: 'number' } });
  await open();
  expect(await post('/v2/models/shop/infer', { inputs: [tensor] })).toMatchObject({ status: 200, model_version: 'v1' });
  expect(await counted()).toContain('cleaver_canary_failures_total{model="shop"} 1');
  expect(lines.join('\n')).toContain('shop v2 takes or gives other tensors than the champion.');
  // Rows by name say what they are.
  expect(await post('/predict/shop', { row })).toMatchObject({ status: 200, version: 'v2' });
});

test('a request that is wrong for both is the client’s fault', async () => {
  await open();
  expect(await post('/predict/shop', { row: { orders: 1 } })).toMatchObject({ status: 400, code: 'FEATURE_MISSING' });
  expect(await counted()).toContain('cleaver_canary_failures_total{model="shop"} 0');
});

test('a challenger that does not load, and one that has become the champion, answer nothing as such', async () => {
  registry.add('shop', 'v3', 'wide');
  await registry.setAlias('shop', 'challenger', 'v3');
  await open();
  expect(await post('/predict/shop', { row })).toMatchObject({ status: 200, version: 'v1' });
  await registry.setAlias('shop', 'challenger', 'v2');
  await registry.promote('shop', 'v2');
  await service.models.refresh();
  expect(await post('/predict/shop', { row })).toMatchObject({ status: 200, version: 'v2' });
  expect((await counted()).filter((line) => line.startsWith('cleaver_c'))).toEqual([]);
  expect((await service.app.request('/readyz')).status).toBe(200);
});
