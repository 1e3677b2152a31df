import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { homeAt } from '../pipelines/adapters/home.ts';
import { fakeVersion } from '../tests/support/fake-registry.ts';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';
import { makeApiKey } from './access/api-keys.ts';
import { type RunningServer, startServer } from './server.ts';
import { readSettings } from './settings.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'tests', 'models');
// On a machine that has much else to do the event loop is late.
const QUIET = { PORT: '0', CLEAVER_LOG_LEVEL: 'silent', CLEAVER_MAX_LOOP_DELAY_MS: '60000' };
const SLOW = { timeout: 20_000 };
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(
  environment: Record<string, string> = {},
  linger?: (ms: number) => Promise<unknown>,
): Promise<RunningServer> {
  const home = homeAt(await temporaryFolder());
  const registry = openFileRegistry(home.registry, home.work);
  const file = path.join(FIXTURES, 'first.onnx');
  const { version } = await registry.register(file, fakeVersion('shop', 'v1', 'first'));
  await registry.setAlias('shop', 'champion', version);
  const settings = readSettings({ ...QUIET, ...environment });
  const server = await startServer({ home, settings, ...(linger && { linger }) });
  let closed: Promise<void> | undefined;
  const once = { ...server, close: () => (closed ??= server.close()) };
  ends.push(once.close);
  return once;
}

function keptAlive(options: ConstructorParameters<typeof Agent>[0] = {}): Agent {
  const agent = new Agent({ keepAlive: true, ...options });
  ends.push(() => {
    agent.destroy();
  });
  return agent;
}

const row = { orders: 0.5, tier: 'gold' };
const BODY = JSON.stringify({ row });

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

async function ask(url: string, agent: Agent, body?: string, headers: Record<string, string | number> = {}) {
  const sent = request(url, { agent, method: body === undefined ? 'GET' : 'POST', headers });
  if (body !== undefined) sent.write(body);
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) } satisfies Answer;
}

const plain = (url: string, agent: Agent, body = BODY) =>
  ask(`${url}/predict/shop`, agent, body, { 'content-length': Buffer.byteLength(body) });

/**
 * Keeps asking over many kept connections while one of two servers ends; new connections go to the other one some time
 * after the first is not ready any more, as a Service of Kubernetes has it.
 */
async function roll(lingers: boolean): Promise<{ failures: string[]; answered: number }> {
  const lingered = Promise.withResolvers<undefined>();
  const [first, second] = [await start({}, () => (lingers ? lingered.promise : Promise.resolve())), await start()];
  const portOf = ({ url }: RunningServer) => Number(new URL(url).port);
  let port = portOf(first);
  const agent = keptAlive({ maxSockets: 24 });
  agent.createConnection = () => connect({ host: '127.0.0.1', port });
  const result = { failures: [] as string[], answered: 0 };
  let isOver = false;
  const switched = new Set<number>();
  const client = async (number: number) => {
    while (!isOver) {
      const before = port;
      try {
        const { status, body } = await plain('http://service', agent);
        if (status === 200) result.answered += 1;
        else result.failures.push(`${status} ${body}`);
      } catch (error) {
        result.failures.push(String(error));
      }
      if (before !== portOf(first)) switched.add(number);
      // Some have their connection lie idle for a while.
      await sleep((number % 4) * 20);
    }
  };
  const clients = Array.from({ length: 24 }, (_, number) => client(number));
  await sleep(200);
  const closed = first.close();
  await (lingers ? sleep(200) : closed);
  port = portOf(second);
  await expect.poll(() => switched.size, SLOW).toBe(clients.length);
  lingered.resolve(undefined);
  await closed;
  await sleep(200);
  isOver = true;
  await Promise.all(clients);
  return result;
}

test('no request is lost while a server ends that others are told of only after a while', async () => {
  const { failures, answered } = await roll(true);
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(100);
});

test('without lingering there would be some', async () => {
  expect((await roll(false)).failures.length).toBeGreaterThan(0);
});

test('while it lingers it is not ready, answers all as before, and each answer is the last of its connection', async () => {
  const lingered = Promise.withResolvers<undefined>();
  const waits: number[] = [];
  const { url, ...server } = await start({ CLEAVER_LINGER_MS: '15000', CLEAVER_LARGE_BODY_KB: '1' }, async (ms) => {
    waits.push(ms);
    await lingered.promise;
  });
  const agent = keptAlive();
  const large = JSON.stringify({ rows: Array.from({ length: 100 }, () => row) });
  expect((await plain(url, agent, large)).headers.connection).toBe('keep-alive');
  const begun = request(`${url}/predict/shop`, { agent, method: 'POST' });
  begun.write('{"row": ');
  // What comes over another connection is read, and so has been what was sent before it.
  const idle = keptAlive();
  await plain(url, idle);
  const closed = server.close();
  const answers = {
    'over an idle connection': await plain(url, idle),
    'by the app': await ask(`${url}/predict/shop`, agent, BODY),
    'by the thread': await plain(url, agent, large),
    'a mistake': await plain(url, agent, '{}'),
    'an unknown address': await ask(`${url}/nowhere`, agent),
    readiness: await ask(`${url}/readyz`, agent),
  };
  begun.end(`${JSON.stringify(row)}}`);
  const [response] = (await once(begun, 'response')) as [IncomingMessage];
  const last = { status: response.statusCode, headers: response.headers, body: await text(response) };
  const all: Record<string, Answer> = { ...answers, 'to one that has begun before': last };
  expect(Object.entries(all).map(([what, { status, headers }]) => [what, status, headers.connection])).toEqual([
    ['over an idle connection', 200, 'close'],
    ['by the app', 200, 'close'],
    ['by the thread', 200, 'close'],
    ['a mistake', 400, 'close'],
    ['an unknown address', 404, 'close'],
    ['readiness', 503, 'close'],
    ['to one that has begun before', 200, 'close'],
  ]);
  expect(JSON.parse(all['readiness']?.body ?? '')).toMatchObject({ reasons: [expect.stringMatching(/^ending/)] });
  expect(waits).toEqual([15_000]);
  lingered.resolve(undefined);
  await closed;
  await expect(plain(url, keptAlive())).rejects.toThrow('ECONNREFUSED');
});

test('what was sent over an idle connection before the server closes it is answered', async () => {
  const { url, ...server } = await start();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const head = `POST /predict/shop HTTP/1.1\r\nhost: shop\r\ncontent-length: ${BODY.length}\r\n\r\n`;
  const sendAgain = () => new Promise((resolve) => socket.write(head + BODY, resolve));
  await sendAgain();
  const [first] = (await once(socket, 'data')) as [Buffer];
  expect(first.toString()).toMatch(/^HTTP\/1.1 200 [^]*keep-alive/i);
  const rest = text(socket);
  // Node writes at once, so that it is with the kernel when the server begins to close.
  void sendAgain();
  await server.close();
  expect(await rest).toMatch(/^HTTP\/1.1 200 [^]*connection: close[^]*"score"/i);
});

test('who has connected before the server stops to listen is answered, however many they are', async () => {
  const { url, ...server } = await start();
  const answers = Array.from({ length: 40 }, () => plain(url, keptAlive()));
  // By now the kernel has connected them, and the server has accepted one at most.
  await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
});

test('metrics and probes are on a port of their own for anybody, until all else has ended', async () => {
  const { url, metricsUrl = '', ...server } = await start({ CLEAVER_METRICS_PORT: '0', CLEAVER_LARGE_BODY_KB: '1' });
  const agent = keptAlive();
  expect(metricsUrl).not.toBe(url);
  await plain(url, agent);
  await plain(url, agent, JSON.stringify({ rows: Array.from({ length: 100 }, () => row) }));
  const page = await fetch(`${metricsUrl}/metrics`);
  expect(page.headers.get('content-type')).toContain('text/plain');
  const lines = (await page.text()).split('\n');
  expect(lines).toContain('cleaver_rows_scored_total{model="shop",version="v1"} 101');
  expect(lines.filter((line) => line.includes('route="/metrics"'))).toEqual([]);
  expect((await fetch(`${metricsUrl}/livez`)).status).toBe(200);
  expect((await fetch(`${metricsUrl}/readyz`)).status).toBe(200);
  const elsewhere = await fetch(`${metricsUrl}/predict/shop`, { method: 'POST', body: BODY });
  expect([elsewhere.status, await elsewhere.json()]).toEqual([
    404,
    expect.objectContaining({
      code: 'ROUTE_UNKNOWN',
      hint: 'On this port there are GET /metrics, /livez and /readyz.',
    }),
  ]);
  const begun = request(`${url}/predict/shop`, { agent, method: 'POST' });
  begun.write('{"row": ');
  let answered = 101;
  const another = async () => {
    await plain(url, keptAlive());
    answered += 1;
  };
  await another();
  const closed = server.close();
  await expect.poll(() => another().catch(() => 'refused'), SLOW).toBe('refused');
  const ready = await fetch(`${metricsUrl}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('ending')]);
  expect(await (await fetch(`${metricsUrl}/metrics`)).text()).toContain(
    `cleaver_rows_scored_total{model="shop",version="v1"} ${answered}\n`,
  );
  begun.end(`${JSON.stringify(row)}}`);
  await once(begun, 'response');
  await closed;
  await expect(fetch(`${metricsUrl}/livez`)).rejects.toThrow();
});

test('asked for keys, the metrics’ own port asks for none', async () => {
  const file = path.join(await temporaryFolder(), 'keys');
  await writeFile(file, makeApiKey('shop', ['predict']).line);
  const { url, metricsUrl = '' } = await start({ CLEAVER_METRICS_PORT: '0', CLEAVER_API_KEYS_FILE: file });
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  expect((await fetch(`${metricsUrl}/metrics`)).status).toBe(200);
});

test('a metrics port that is taken is named with what to do, and nothing goes on listening', async () => {
  const other = await start();
  const taken = new URL(other.url).port;
  const home = homeAt(await temporaryFolder());
  const free = await start();
  const port = Number(new URL(free.url).port);
  await free.close();
  const settings = readSettings({ PORT: String(port), CLEAVER_METRICS_PORT: taken, CLEAVER_LOG_LEVEL: 'silent' });
  await expect(startServer({ home, settings })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: `Another program listens on port ${taken} of 127.0.0.1.`,
    hint: expect.stringContaining('CLEAVER_METRICS_PORT') as string,
  });
  await expect(fetch(`${free.url}/livez`)).rejects.toThrow();
});

test('it lingers for as long as it is told to', async () => {
  const server = await start({ CLEAVER_LINGER_MS: '300' });
  const begun = performance.now();
  await server.close();
  // A timer may be early by a millisecond.
  expect(performance.now() - begun).toBeGreaterThanOrEqual(299);
});
