import { Agent, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { preparedModel } from '../tests/support/living-model.ts';
import { runCli, type RunningCli, startCli } from '../tests/support/run-cli.ts';
import { startServer } from './server.ts';
import { readSettings } from './settings.ts';
import { homeAt } from '../pipelines/adapters/home.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';

const withChampion = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
});
const BODY = '{"row": {"x0": 0, "x1": 0}}';
const SLOW = { timeout: 60_000 };
vi.setConfig({ testTimeout: 240_000 });
const WORKERS = { CLEAVER_WORKERS: '2' };

async function serve(environment: Record<string, string>): Promise<{ running: RunningCli; url: string }> {
  const { root } = await withChampion();
  const running = startCli(root, ['serve', '--port', '0', '--json'], environment);
  const found = () => /Serving at (http:\/\/[^ ;]+)/.exec(running.stderr())?.[1];
  await expect.poll(found, SLOW).toBeDefined();
  const url = found() ?? '';
  // One that is told to end as it starts just ends.
  const { CLEAVER_WORKERS: workers = '1' } = environment;
  await expect.poll(() => running.stderr().split('model-loaded').length - 1, SLOW).toBe(Number(workers));
  return { running, url };
}

/** Over a connection of its own; status 0 where nobody listens. */
async function ask(url: string, body?: string) {
  const agent = new Agent({ keepAlive: true });
  try {
    const sent = request(url, { agent, method: body === undefined ? 'GET' : 'POST' }).end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, connection: response.headers.connection, body: await text(response) };
  } catch {
    return { status: 0 };
  } finally {
    agent.destroy();
  }
}

async function freePort(): Promise<number> {
  const settings = readSettings({ PORT: '0', CLEAVER_LOG_LEVEL: 'silent' });
  const server = await startServer({ home: homeAt(await temporaryFolder()), settings });
  await server.close();
  return Number(new URL(server.url).port);
}

test('several processes linger together, and their one page of metrics is there until they end', async () => {
  const port = await freePort();
  const metrics = `http://127.0.0.1:${port}/metrics`;
  const { running, url } = await serve({ ...WORKERS, CLEAVER_LINGER_MS: '5000', CLEAVER_METRICS_PORT: String(port) });
  const counted = async (): Promise<string | undefined> =>
    / (\d+)$/m.exec(/^cleaver_scores_count.*$/m.exec((await ask(metrics)).body ?? '')?.[0] ?? '')?.[1];
  for (let count = 0; count < 10; count += 1) expect((await ask(`${url}/predict/living`, BODY)).status).toBe(200);
  for (let count = 0; count < 4; count += 1) await expect.poll(counted, SLOW).toBe('10');
  running.kill('SIGTERM');
  await expect.poll(async () => (await ask(`${url}/readyz`)).status, SLOW).toBe(503);
  await expect.poll(() => ask(`${url}/predict/living`, BODY), SLOW).toMatchObject({ status: 200, connection: 'close' });
  expect(Number(await counted())).toBeGreaterThan(10);
  expect(await running.ended).toMatchObject({ status: 0, json: { outcome: 'done', endedBy: 'SIGTERM' } });
  expect([(await ask(url)).status, (await ask(metrics)).status]).toEqual([0, 0]);
});

test.each([
  ['one process', {}],
  ['several processes', WORKERS],
])('told to end a second time, %s ends at once', async (_, environment) => {
  const { running, url } = await serve({ ...environment, CLEAVER_LINGER_MS: '3600000' });
  running.kill('SIGINT');
  await expect.poll(async () => (await ask(`${url}/readyz`)).status, SLOW).toBe(503);
  running.kill('SIGINT');
  expect((await running.ended).status).toBe(null);
  await expect.poll(async () => (await ask(`${url}/readyz`)).status, SLOW).toBe(0);
});

test('several processes whose metrics port is taken end with 2 before any starts', async () => {
  const settings = readSettings({ PORT: '0', CLEAVER_LOG_LEVEL: 'silent' });
  const other = await startServer({ home: homeAt(await temporaryFolder()), settings });
  const { port } = new URL(other.url);
  const { root } = await withChampion();
  const { status, json } = await runCli(root, ['serve', '--port', '0', '--json'], {
    ...WORKERS,
    CLEAVER_METRICS_PORT: port,
  });
  await other.close();
  expect([status, json['code'], json['hint']]).toEqual([
    2,
    'PORT_IN_USE',
    expect.stringContaining('CLEAVER_METRICS_PORT'),
  ]);
});
