import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { homeAt } from '../pipelines/adapters/home.ts';
import { type FakeRegistry, fakeRegistry } from '../tests/support/fake-registry.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { personLog } from './log/person-log.ts';
import { openService, type Service } from './service.ts';
import { readSettings } from './settings.ts';

const lines: string[] = [];
let folder: string;
let registry: FakeRegistry;
let service: Service | undefined;

beforeEach(async () => {
  lines.length = 0;
  folder = await temporaryFolder();
  vi.stubEnv('CLEAVER_MODELS', path.join(folder, 'models'));
  registry = fakeRegistry();
  registry.add('shop', 'v1', 'first');
  await registry.promote('shop', 'v1');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await service?.close();
  service = undefined;
});

async function open(environment: Record<string, string> = {}): Promise<Service> {
  const log = personLog((line) => lines.push(line));
  service = await openService({
    home: homeAt(path.join(folder, 'state')),
    settings: readSettings(environment),
    registry,
    log,
  });
  await service.models.refresh();
  return service;
}

async function writeManifest(text: string): Promise<void> {
  const at = path.join(folder, 'models', 'shop');
  await mkdir(at, { recursive: true });
  for (const query of ['mart.sql', 'label.sql']) await writeFile(path.join(at, query), 'SELECT 1');
  await writeFile(path.join(at, 'model.ts'), text);
}

const post = async ({ app }: Service, address: string, body: unknown) =>
  await app.request(address, { method: 'POST', body: JSON.stringify(body) });
const row = { orders: 0.5, tier: 'gold' };

describe('decisions', () => {
  test('are by the experiment of the model’s own manifest', async () => {
    await writeManifest(`export default {
      title: 'Who orders', entity: 'customer', label: { maturityDays: 1 }, features: { orders: { type: 'number' } },
      source: { url: 'files:none', tables: { orders: { time: 'at' } } }, experiment: { name: 'nobody', holdoutShare: 1 },
    };`);
    const response = await post(await open(), '/decide/shop', { row, entity: 'c1' });
    expect(await response.json()).toMatchObject({ experiment: 'nobody', decisions: [{ arm: 'holdout', act: false }] });
  });

  test('are refused where the manifest is broken, which is told, and scores go on', async () => {
    await writeManifest('export default { title: 7 };');
    const opened = await open();
    expect((await post(opened, '/decide/shop', { row, entity: 'c1' })).status).toBe(409);
    expect((await post(opened, '/predict/shop', { row })).status).toBe(200);
    expect(lines.join('\n')).toContain('no decisions for shop: MANIFEST_INVALID');
  });
});

describe('the log', () => {
  test('tells which versions answer, which is kept beside, and which are gone', async () => {
    const { models } = await open({ CLEAVER_SERVE: 'champion,challenger' });
    registry.add('shop', 'v2', 'second');
    await registry.setAlias('shop', 'challenger', 'v2');
    await models.refresh();
    await registry.promote('shop', 'v2');
    await models.refresh();
    registry.remove('shop');
    await models.refresh();
    expect(lines).toEqual([
      'serve: shop v1 answers requests',
      'serve: shop v2 is kept beside, as the challenger',
      'serve: shop v2 answers requests instead of v1',
      'serve: shop v2 is no longer in the registry',
    ]);
  });

  test('tells what does not load, and what goes on', async () => {
    const { models } = await open({ CLEAVER_SERVE: 'champion,challenger' });
    registry.add('shop', 'v2', 'wide');
    await registry.setAlias('shop', 'challenger', 'v2');
    await models.refresh();
    await registry.promote('shop', 'v2');
    await models.refresh();
    registry.broken = new Error('the disk is gone');
    await models.refresh();
    const told = lines.join('\n');
    expect(told).toContain('serve: shop v2 does not load as the challenger: MODEL_FILE_INVALID');
    expect(told).toContain('serve: shop v2 does not load, v1 goes on: MODEL_FILE_INVALID');
    expect(told).toContain('serve: the registry cannot be read: Error: the disk is gone');
    registry.broken = undefined;
  });

  test('tells when the challenger does not score what the champion does', async () => {
    registry.add('shop', 'v2', 'second');
    await registry.setAlias('shop', 'challenger', 'v2');
    const opened = await open({ CLEAVER_SERVE: 'champion,challenger', CLEAVER_SHADOW: '1' });
    opened.models.useChallenger = () => Promise.reject(new Error('no memory'));
    expect((await post(opened, '/predict/shop', { row })).status).toBe(200);
    await expect
      .poll(() => lines.join('\n'))
      .toContain('serve: the challenger of shop does not score a request: Error: no memory');
  });
});

test('a request that has waited for the thread for too long is not answered any more', async () => {
  const settings = readSettings({});
  const log = personLog((line) => lines.push(line));
  service = await openService({ home: homeAt(path.join(folder, 'state')), settings, registry, log, ofThread: true });
  await service.models.refresh();
  const ask = () => new Request('http://service/predict/shop', { method: 'POST', body: JSON.stringify({ row }) });
  const late = await service.app.fetch(ask(), { until: Date.now() - 1 });
  expect([late.status, await late.json()]).toEqual([503, expect.objectContaining({ code: 'DEADLINE_EXCEEDED' })]);
  expect((await service.app.fetch(ask(), { until: Date.now() + 60_000 })).status).toBe(200);
});

test('an answer is in the record when the service is closed', async () => {
  const opened = await open({ CLEAVER_RECORD: 'interval' });
  expect((await post(opened, '/predict/shop', { row })).status).toBe(200);
  const page = await (await opened.app.request('/metrics')).text();
  expect(page).toMatch(/^cleaver_record_dropped_total 0$/m);
  expect(page).toMatch(/^cleaver_rows_waiting\{model="shop"\} 0$/m);
  expect(page).toMatch(/^cleaver_rows_waiting_limit\{model="shop"\} 4096$/m);
  expect(page).toMatch(/^cleaver_requests_shed_total\{reason="busy"\} 0$/m);
});
