import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { homeAt } from '../pipelines/adapters/home.ts';
import { fakeRegistry } from '../tests/support/fake-registry.ts';
import { makeApiKey } from './access/api-keys.ts';
import { PlainConnections } from './direct/plain-connections.ts';
import { Admission } from './load/admission.ts';
import type { RequestLine } from './log/request-log.ts';
import { openService, type Service } from './service.ts';
import { readSettings } from './settings.ts';

let folder: string;
let service: Service;
let server: Server;
let requests: RequestLine[];
let byNode: number;
const admission = new Admission({ requests: 10, loopDelayMs: 1e6, onShed: () => undefined });

afterAll(() => {
  admission.close();
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'cleaver-listener-'));
  requests = [];
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await service.close();
  await rm(folder, { recursive: true });
});

async function open(environment: Record<string, string> = {}): Promise<void> {
  const registry = fakeRegistry();
  registry.add('shop', 'v1', 'first');
  await registry.promote('shop', 'v1');
  service = await openService({
    ...{ home: homeAt(folder), settings: readSettings(environment), registry },
    log: {
      ...{ request: (line) => requests.push(line), event: () => undefined, error: () => undefined },
      ...{ state: { dropped: 0, waitingBytes: 0, problem: undefined }, close: () => Promise.resolve() },
    },
  });
  await service.models.refresh();
  const { listener, direct } = service.listener();
  server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    byNode += 1;
    listener(incoming, outgoing);
  });
  if (direct !== undefined) new PlainConnections(server, { ...direct, admission, keepAliveMs: KEEP_ALIVE_MS });
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

const KEEP_ALIVE_MS = 75_000;

/** A request is read from the socket itself, by Node for a direct route, or by the app. */
const WAYS = ['plain', 'direct', 'app'] as const;

/** What leads a request there. */
function wayHeaders(way: (typeof WAYS)[number], body: string): Record<string, string | number> {
  if (way === 'app') return {};
  return { 'content-length': Buffer.byteLength(body), ...(way === 'direct' && { te: 'trailers' }) };
}

async function send(address: string, body: string, way: (typeof WAYS)[number], more: Record<string, string> = {}) {
  const headers = { connection: 'keep-alive', ...more, ...wayHeaders(way, body) };
  byNode = 0;
  const { port } = server.address() as AddressInfo;
  const sent = request({ port, path: address, method: 'POST', headers, agent: false });
  sent.write(body);
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const [line] = requests.splice(0);
  return {
    status: response.statusCode,
    // In the order of the bytes, but for what is different in each answer.
    body: (await text(response)).replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'ID'),
    headers: { ...response.headers, date: '', 'x-request-id': typeof response.headers['x-request-id'] },
    line: { ...line, durationMs: typeof line?.durationMs, requestId: typeof line?.requestId },
  };
}

const row = { orders: 0.5, tier: 'gold' };
const tensor = (data: unknown[]) => ({ name: 'features', shape: [1, 2], datatype: 'FP32', data });

test.each([
  ['a row', '/predict/shop', { row }],
  ['rows of entities', '/predict/shop', { rows: [row, row], entities: ['é', 7] }],
  ['no rows', '/predict/shop', { rows: [] }],
  ['a feature that is missing', '/predict/shop', { row: { orders: 1 } }],
  ['another shape', '/predict/shop', { rows: 1 }],
  ['what is no JSON', '/predict/shop', '{"row": NaN}'],
  ['a key given twice', '/predict/shop', '{"row": {"orders": 1, "orders": 2, "tier": "gold"}}'],
  ['a model that is not there', '/predict/other', { row }],
  ['a tensor', '/v2/models/shop/infer', { id: 'é', inputs: [tensor([0.5, 1])] }],
  ['a tensor with ids', '/v2/models/shop/infer', { inputs: [tensor([1, 0])], parameters: { prediction_ids: true } }],
  ['a tensor of no number', '/v2/models/shop/infer', { inputs: [tensor(['x', 1])] }],
  [
    'an answer in binary',
    '/v2/models/shop/infer',
    { inputs: [tensor([0, 1])], parameters: { binary_data_output: true } },
  ],
  ['a tensor for a model that is not there', '/v2/models/other/infer', { inputs: [tensor([0, 1])] }],
])('%s is answered and logged alike in all ways', async (_, address, body) => {
  await open();
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const plain = await send(address, sent, 'plain');
  expect(byNode).toBe(0);
  expect(plain).toEqual(await send(address, sent, 'direct'));
  expect(byNode).toBe(1);
  expect(plain).toEqual(await send(address, sent, 'app'));
  expect(plain.line).toMatchObject({ status: plain.status });
});

test('a large answer is packed where the client takes it so', async () => {
  await open();
  const rows = 9000;
  const data = Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 0 ? 0.5 : 1));
  const body = JSON.stringify({ inputs: [{ name: 'features', shape: [rows, 2], datatype: 'FP32', data }] });
  const { headers, status } = await send('/v2/models/shop/infer', body, 'plain', { 'accept-encoding': 'gzip' });
  expect({ status, encoding: headers['content-encoding'] }).toEqual({ status: 200, encoding: 'gzip' });
});

test('all ways count under the same names', async () => {
  await open();
  for (const way of WAYS) await send('/predict/shop', JSON.stringify({ row }), way);
  const page = (await service.metrics.text()).split('\n');
  expect(page).toEqual(
    expect.arrayContaining([
      'cleaver_http_requests_total{method="POST",route="/predict/:model",status="200"} 3',
      'cleaver_http_request_duration_seconds_count{method="POST",route="/predict/:model"} 3',
      'cleaver_rows_scored_total{model="shop",version="v1"} 3',
      'cleaver_batch_rows_bucket{le="1",model="shop"} 3',
    ]),
  );
});

test('where keys are asked for, all ways ask for them', async () => {
  const file = path.join(folder, 'keys');
  const [good, other] = [makeApiKey('shop', ['predict']), makeApiKey('manager', ['admin'])];
  await writeFile(file, `${good.line}\n${other.line}\n`);
  await open({ CLEAVER_API_KEYS_FILE: file });
  const presented: [Record<string, string>, number][] = [
    [{}, 401],
    [{ 'x-api-key': 'no key' }, 401],
    [{ 'x-api-key': other.key }, 403],
    [{ 'x-api-key': good.key }, 200],
    [{ authorization: `Bearer ${good.key}` }, 200],
  ];
  for (const [headers, status] of presented) {
    const byApp = await send('/predict/shop', JSON.stringify({ row }), 'app', headers);
    expect(byApp.status).toBe(status);
    expect(await send('/predict/shop', JSON.stringify({ row }), 'direct', headers)).toEqual(byApp);
    expect(await send('/predict/shop', JSON.stringify({ row }), 'plain', headers)).toEqual(byApp);
    expect(byNode).toBe(status === 200 ? 0 : 1);
  }
});

test('where browsers may call, a cache is told so', async () => {
  await open({ CLEAVER_CORS_ORIGINS: 'https://shop.example' });
  const { headers } = await send('/predict/shop', JSON.stringify({ row }), 'plain');
  expect(headers).toMatchObject({ vary: 'Origin' });
});
