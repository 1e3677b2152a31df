import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { type Home, homeAt } from '../pipelines/adapters/home.ts';
import { makeApiKey } from '../service/access/api-keys.ts';
import { startServer } from '../service/server.ts';
import { readSettings } from '../service/settings.ts';
import { fakeVersion } from '../tests/support/fake-registry.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';

const MODELS = path.join(import.meta.dirname, '..', 'tests', 'models');
let script: string;

beforeAll(async () => {
  script = await readFile(path.join(import.meta.dirname, 'cleaver', 'files', 'smoke.ts'), 'utf8');
});

describe('what `helm test` runs', () => {
  test('has each model score one row', async () => {
    const { url } = await serve(await homeWith('shop', 'till'));
    expect(await smoke({ SERVICE_URL: url })).toEqual({
      status: 0,
      stdout: 'shop v1: a row of zeros scores 0.5.\ntill v1: a row of zeros scores 0.5.\n',
      stderr: '',
    });
  });

  test('fails with the reasons where a model is not ready', async () => {
    const { url } = await serve(await homeWith());
    const { status, stderr } = await smoke({ SERVICE_URL: url });
    expect(status).toBe(1);
    expect(stderr).toContain('/readyz answers 503');
    expect(stderr).toContain('No model is registered yet.');
  });

  test('fails where nobody answers', async () => {
    const { status, stderr } = await smoke({ SERVICE_URL: 'http://127.0.0.1:9' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/\/readyz answers nothing: .*(bad port|ECONNREFUSED)/);
  });

  test('waits for a service that is not ready yet', async () => {
    let asked = 0;
    const url = await answering((address) => {
      if (address === '/readyz') asked += 1;
      return asked > 1 ? [200, { models: [] }] : [503, { reasons: ['starting'] }];
    });
    expect(await smoke({ SERVICE_URL: url, PATIENCE_MS: '20000' })).toMatchObject({ status: 0, stderr: '' });
    expect(asked).toBe(2);
  });

  test('fails where a model is not described', async () => {
    const url = await answering((address) => (address === '/readyz' ? READY : [404, { error: 'MODEL_UNKNOWN' }]));
    const { status, stderr } = await smoke({ SERVICE_URL: url });
    expect(status).toBe(1);
    expect(stderr).toContain('/v2/models/shop answers 404: {"error":"MODEL_UNKNOWN"}');
  });

  test.each([
    ['an error', [500, { error: 'INTERNAL' }], '/infer answers 500: {"error":"INTERNAL"}'],
    ['no number', [200, { outputs: [{ data: [null] }] }], '/infer answers 200: {"outputs":[{"data":[null]}]}'],
  ] as const)('fails where a model scores with %s', async (_, answer, told) => {
    const url = await answering((address) => {
      if (address === '/readyz') return READY;
      return address.endsWith('/infer') ? answer : [200, { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }] }];
    });
    const { status, stderr } = await smoke({ SERVICE_URL: url });
    expect(status).toBe(1);
    expect(stderr).toContain(told);
  });
});

describe('what `helm test` runs where keys are asked for', () => {
  test('scores with its key, and without one holds that nobody gets in', async () => {
    const home = await homeWith('shop');
    const { key, line } = makeApiKey('test', ['predict']);
    const file = path.join(home.root, 'keys');
    await writeFile(file, line);
    const { url } = await serve(home, { CLEAVER_API_KEYS_FILE: file });
    const asked = { SERVICE_URL: url, ASKS_FOR_KEYS: 'yes' };
    expect(await smoke({ ...asked, API_KEY: key })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('scores 0.5') as string,
    });
    expect(await smoke(asked)).toMatchObject({ status: 0, stdout: 'shop: nobody gets in without a key.\n' });
  });

  test('fails where everybody gets in', async () => {
    const { url } = await serve(await homeWith('shop'));
    const { status, stderr } = await smoke({ SERVICE_URL: url, ASKS_FOR_KEYS: 'yes' });
    expect(status).toBe(1);
    expect(stderr).toContain('/v2/models/shop (which must not answer without a key) answers 200');
  });
});

const READY = [200, { models: [{ model: 'shop' }] }] as const;

async function homeWith(...models: string[]): Promise<Home> {
  const home = homeAt(await temporaryFolder());
  const registry = openFileRegistry(home.registry, home.work);
  for (const model of models) {
    const { version } = await registry.register(path.join(MODELS, 'first.onnx'), fakeVersion(model, 'v1', 'first'));
    await registry.setAlias(model, 'champion', version);
  }
  return home;
}

async function serve(home: Home, environment: Record<string, string> = {}) {
  const server = await startServer({ home, settings: readSettings(environment), port: 0, log: () => undefined });
  onTestFinished(() => server.close());
  return server;
}

/** A server of a few lines, for what the real one never answers. */
async function answering(answer: (address: string) => readonly [number, object]): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] = answer(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As the pod runs it, but impatient. */
async function smoke(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    env: { PATIENCE_MS: '0', ...environment },
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}
