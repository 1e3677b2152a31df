import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { type Home, homeAt } from '../../pipelines/adapters/home.ts';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { errorResponse } from '../error-response.ts';
import { LargeRequests } from './large-requests.ts';
import { personLog } from '../log/person-log.ts';
import { type RunningServer, startServer } from '../server.ts';
import { readSettings } from '../settings.ts';

const FIXTURES = path.join(import.meta.dirname, '..', '..', 'tests', 'models');
const settings = readSettings({ CLEAVER_LARGE_BODY_KB: '1', CLEAVER_MAX_BODY_MB: '1' });

let folder: string;
let home: Home;
let server: RunningServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'cleaver-large-'));
  home = homeAt(folder);
  const registry = openFileRegistry(home.registry, home.work);
  const file = path.join(FIXTURES, 'first.onnx');
  const { version } = await registry.register(file, fakeVersion('shop', 'v1', 'first'));
  await registry.setAlias('shop', 'champion', version);
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const many = (count: number) => ({
  rows: Array.from({ length: count }, (_, index) => ({ orders: index / count, tier: 'gold' })),
});

async function post(url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a large request', () => {
  test('is answered by the thread as the server itself answers a small one', async () => {
    server = await startServer({ home, port: 0, settings, log: () => undefined });
    const { status, body } = await post(`${server.url}/predict/shop`, many(1000));
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: 'shop', version: 'v1' });
    const predictions = body['predictions'] as { score: number }[];
    expect(predictions).toHaveLength(1000);
    const wrong = predictions.filter(
      ({ score }, index) => !(Math.abs(score - 1 / (1 + Math.exp(-(index / 1000 + 2)))) < 1e-6),
    );
    expect(wrong).toEqual([]);
    const tensor = { name: 'features', shape: [500, 2], datatype: 'FP32', data: new Array(1000).fill(0) };
    const inferred = await post(`${server.url}/v2/models/shop/infer`, { inputs: [tensor] });
    expect(inferred).toMatchObject({ status: 200, body: { outputs: [{ shape: [500] }] } });
  });

  test('is counted once, whoever answers it', async () => {
    server = await startServer({ home, port: 0, settings, log: () => undefined });
    await post(`${server.url}/predict/shop`, many(100));
    await post(`${server.url}/predict/shop`, many(1));
    const lines = (await (await fetch(`${server.url}/metrics`)).text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'cleaver_http_requests_total{method="POST",route="/predict/:model",status="200"} 2',
        'cleaver_rows_scored_total{model="shop",version="v1"} 101',
      ]),
    );
    expect(lines.filter((line) => line.startsWith('cleaver_model_info{'))).toEqual([expect.stringMatching(/ 1$/)]);
  });

  test('that is wrong is refused with its code and place', async () => {
    server = await startServer({ home, port: 0, settings, log: () => undefined });
    const wrong = { rows: [...many(99).rows, { orders: 'x', tier: 'gold' }] };
    expect(await post(`${server.url}/predict/shop`, wrong)).toMatchObject({
      ...{ status: 400, body: { code: 'REQUEST_INVALID', path: 'rows[99].orders' } },
    });
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let count = 0; count < 3; count += 1) controller.enqueue(new Uint8Array(512 * 1024));
        controller.close();
      },
    });
    const response = await fetch(`${server.url}/predict/shop`, { method: 'POST', body: stream, duplex: 'half' });
    expect(response.status).toBe(413);
  });
});

describe('the thread', () => {
  const lines: string[] = [];

  /** An app before a thread that runs `program`; `requestMs` is how long a request may wait. */
  async function open(program: string, requestMs = 10_000) {
    const file = path.join(folder, 'program.mjs');
    await writeFile(file, program);
    const shed: string[] = [];
    const limits = { ...settings.limits, requestMs };
    const large = new LargeRequests({
      ...{
        home,
        log: personLog((line) => lines.push(line)),
        onShed: () => shed.push('one'),
        program: pathToFileURL(file),
      },
      settings: { ...settings, limits },
    });
    const app = new Hono();
    app.onError(errorResponse(personLog((line) => lines.push(line))));
    app.post('/predict/shop', large.middleware(), (context) => context.text('answered here'));
    const send = async (bytes: number) => {
      const headers = { 'content-length': String(bytes) };
      return await app.request('/predict/shop', { method: 'POST', headers, body: 'x'.repeat(bytes) });
    };
    return { large, send, shed };
  }

  const ECHO = `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (message) => {
      if (message.kind === 'close') parentPort.close();
      if (message.kind === 'request') parentPort.postMessage({ ...message, kind: 'answer', status: 200, headers: [] });
    });`;

  test('has only what is large, compressed or of unknown length', async () => {
    const { large, send } = await open(ECHO);
    expect(await (await send(10)).text()).toBe('answered here');
    expect(await large.metrics()).toEqual([]);
    expect(await (await send(2000)).text()).toBe('x'.repeat(2000));
    await large.close();
  });

  test('that dies fails what it had, and the next request starts another', async () => {
    const { large, send } = await open(`import { existsSync, writeFileSync } from 'node:fs';
      import { parentPort, workerData } from 'node:worker_threads';
      parentPort.on('message', (message) => {
        if (message.kind === 'close') parentPort.close();
        const mark = workerData.homeRoot + '/died';
        if (!existsSync(mark)) { writeFileSync(mark, ''); throw new Error('out of memory'); }
        if (message.kind === 'request') parentPort.postMessage({ ...message, kind: 'answer', status: 200, headers: [] });
      });`);
    expect((await send(2000)).status).toBe(500);
    expect(lines.join('\n')).toMatch(/The thread for large requests has ended\..*Caused by: Error: out of memory/s);
    expect((await send(2000)).status).toBe(200);
    await large.close();
  });

  test('takes only so many bytes at once', async () => {
    const { large, send, shed } = await open(ECHO);
    const most = settings.limits.bodyBytes;
    const statuses = await Promise.all([1, 2, 3, 4, 5].map(async () => (await send(most)).status));
    expect(statuses.sort()).toEqual([200, 200, 200, 200, 503]);
    expect(shed).toHaveLength(1);
    expect((await send(most)).status).toBe(200);
    await large.close();
  });

  test('that says something else than an answer is a bug that is told', async () => {
    const { large, send } = await open(`import { parentPort } from 'node:worker_threads';
      parentPort.on('message', (message) => {
        if (message.kind === 'close') parentPort.close();
        else parentPort.postMessage({ kind: 'metrics', number: message.number, values: [] });
      });`);
    expect((await send(2000)).status).toBe(500);
    expect(lines.join('\n')).toContain('The thread answers a request by metrics.');
    expect(await large.metrics()).toEqual([[]]);
    await large.close();
  });
});
