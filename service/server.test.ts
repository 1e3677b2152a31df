import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { type Home, homeAt } from '../pipelines/adapters/home.ts';
import type { Registry } from '../pipelines/adapters/registry.ts';
import { fakeRegistry, fakeVersion } from '../tests/support/fake-registry.ts';
import { type RunningServer, startServer } from './server.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'tests', 'models');

let folder: string;
let home: Home;
const running: RunningServer[] = [];
const lines: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'cleaver-server-'));
  home = homeAt(folder);
  lines.length = 0;
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
  await rm(folder, { recursive: true });
});

async function start(): Promise<RunningServer> {
  const server = await startServer({ home, port: 0, log: (line) => lines.push(line) });
  running.push(server);
  return server;
}

async function promote(fixture: string, version: string): Promise<void> {
  const registry = openFileRegistry(home.registry, home.work);
  const { version: registered } = await registry.register(
    path.join(FIXTURES, `${fixture}.onnx`),
    fakeVersion('shop', version, fixture),
  );
  await registry.setAlias('shop', 'champion', registered);
}

const row = JSON.stringify({ row: { orders: 0, tier: 'basic' } });

async function predict(url: string): Promise<unknown> {
  const response = await fetch(`${url}/predict/shop`, { method: 'POST', body: row });
  return await response.json();
}

describe('the server', () => {
  test('serves the champions that the registry holds as it starts', async () => {
    await promote('first', 'v1');
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await predict(url)).toEqual({
      model: 'shop',
      version: 'v1',
      predictions: [{ score: 0.5, id: expect.any(String) as string }],
    });
    expect(lines).toEqual(['serve: shop v1 answers requests']);
  });

  test('takes up a promotion made in the registry, without a restart', async () => {
    await promote('first', 'v1');
    const { url } = await start();
    await promote('second', 'v2');
    await expect.poll(() => predict(url), { timeout: 5000 }).toMatchObject({ version: 'v2' });
    expect(lines.at(-1)).toBe('serve: shop v2 answers requests instead of v1');
  });

  test('starts with an empty state, and serves the first champion when it comes', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/admin`)).status).toBe(200);
    await promote('first', 'v1');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 5000 }).toBe(200);
  });

  test('says which port is in use and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startServer({ home, port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `Another program listens on port ${port} of 127.0.0.1.`,
      hint: expect.stringContaining('--port') as string,
    });
    other.close();
  });

  test('says that a host is not of this machine', async () => {
    await expect(startServer({ home, host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  test('leaves the registry alone when it cannot listen', async () => {
    let watchers = 0;
    const registry: Registry = {
      ...fakeRegistry(),
      watch() {
        watchers += 1;
        return () => {
          watchers -= 1;
        };
      },
    };
    await expect(startServer({ home, registry, host: '192.0.2.1', port: 0 })).rejects.toThrow('Cannot listen');
    expect(watchers).toBe(0);
  });

  test('refuses a body by the length that it is said to have, before it comes', async () => {
    const { url } = await start();
    const headers = { 'content-length': 16 * 1024 * 1024 + 1 };
    const sent = request(`${url}/predict/shop`, { method: 'POST', headers });
    const answer = once(sent, 'response');
    sent.flushHeaders();
    const [response] = (await answer) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(await text(response))).toMatchObject({ code: 'BODY_TOO_LARGE' });
    sent.destroy();
  });

  test('refuses a body over the limit that comes in pieces, and goes on serving', async () => {
    await promote('first', 'v1');
    const { url } = await start();
    const sent = request(`${url}/predict/shop`, { method: 'POST' });
    // The server may hang up on what is still to come.
    sent.on('error', () => undefined);
    const answer = once(sent, 'response');
    for (let count = 0; count < 20; count += 1) sent.write(Buffer.alloc(1024 * 1024, ' '));
    const [response] = (await answer) as [IncomingMessage];
    expect(response.statusCode).toBe(413);
    expect(JSON.parse(await text(response))).toMatchObject({ code: 'BODY_TOO_LARGE' });
    sent.destroy();
    expect(await predict(url)).toMatchObject({ version: 'v1' });
  });

  test('finishes the request that runs as it closes, then takes no more', async () => {
    await promote('first', 'v1');
    const server = await start();
    const agent = new Agent({ keepAlive: true });
    const sent = request(`${server.url}/predict/shop`, { method: 'POST', agent });
    sent.write(row.slice(0, 5));
    const answer = once(sent, 'response');
    // A second request that is answered shows that the server has the beginning of the first.
    await predict(server.url);
    const closed = server.close();
    sent.end(row.slice(5));
    const [response] = (await answer) as [IncomingMessage];
    expect(JSON.parse(await text(response))).toMatchObject({ version: 'v1', predictions: [{ score: 0.5 }] });
    await closed;
    await expect(predict(server.url)).rejects.toThrow();
    agent.destroy();
    running.length = 0;
  });
});
