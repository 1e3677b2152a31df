import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { homeAt, type Home } from '../pipelines/adapters/home.ts';
import { collect } from '../pipelines/steps/collect.ts';
import { fakeVersion } from './support/fake-registry.ts';
import { writeModelFolder } from './support/model-folder.ts';
import { CLI } from './support/run-cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const KILLS = 20;
const CONNECTIONS = 32;
const FLUSH_MS = 100;
/** How late a busy machine may write what was due to be written. */
const MARGIN_MS = 1000;
/** A life of the server is this long at least, so that there are answers older than the margin. */
const LIFE_MS = 1300;

/** An answer that a client has received. */
interface Answer {
  id: string;
  /** The feature that was sent. */
  orders: number;
  /** How long before the kill it was there. */
  beforeKillMs: number;
}

test.each(['always', 'interval'] as const)(
  'with the policy %s a server that is killed under load has recorded what it answered, each answer once',
  async (fsync) => {
    const { home, models } = await shop();
    const answers: Answer[] = [];
    let torn = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      answers.push(...(await lifeOfServer(home, fsync, LIFE_MS + 30 * kill, answers.length)));
      // Some are loaded while the next server is at work, some are left for the end.
      if (kill % 3 === 0) torn += (await collect({ home, models })).torn;
    }
    torn += (await collect({ home, models })).torn;
    expect(await collect({ home, models })).toMatchObject({ outcome: 'nothing-to-do' });
    const recorded = recordedFeatures(home);

    const lost = answers.filter(({ id }) => !recorded.has(id));
    const mayBeLost = fsync === 'always' ? 0 : FLUSH_MS + MARGIN_MS;
    expect(lost.filter(({ beforeKillMs }) => beforeKillMs >= mayBeLost)).toEqual([]);
    for (const { id, orders } of answers)
      if (recorded.has(id)) expect(recorded.get(id)).toEqual({ orders, tier: 'basic' });
    expect((await readdir(home.predictions)).filter((name) => !name.endsWith('.lock'))).toEqual([]);
    expect(answers.length).toBeGreaterThan(KILLS * CONNECTIONS);
    const shown = lost.map(({ beforeKillMs }) => beforeKillMs);
    process.stderr.write(
      `${fsync}: ${answers.length} answers, ${recorded.size} recorded, ${torn} torn, ${lost.length} lost, the oldest ${Math.max(0, ...shown).toFixed()} ms before the kill\n`,
    );
  },
);

async function shop(): Promise<{ home: Home; models: string }> {
  const root = await temporaryFolder();
  const [home, models] = [homeAt(path.join(root, 'state')), path.join(root, 'models')];
  await writeModelFolder(models, 'shop');
  const registry = openFileRegistry(home.registry, home.work);
  await registry.register(path.join(import.meta.dirname, 'models', 'first.onnx'), fakeVersion('shop', 'v1', 'first'));
  await registry.setAlias('shop', 'champion', 'v1');
  return { home, models };
}

/** Starts a server, has many clients ask it, kills it in the midst of that, and gives what they were answered. */
async function lifeOfServer(home: Home, fsync: string, lifeMs: number, firstOrder: number): Promise<Answer[]> {
  const child = startServer(home, fsync);
  const url = await addressOf(child);
  const received: { id: string; orders: number; at: number }[] = [];
  let orders = firstOrder;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const client = async () => {
    for (;;) {
      const mine = (orders += 1);
      const id = await ask(url, agent, mine);
      if (id === undefined) return;
      received.push({ id, orders: mine, at: performance.now() });
    }
  };
  const clients = Array.from({ length: CONNECTIONS }, client);
  await sleep(lifeMs);
  const killedAt = performance.now();
  child.kill('SIGKILL');
  await Promise.all(clients);
  agent.destroy();
  return received.map(({ id, orders, at }) => ({ id, orders, beforeKillMs: killedAt - at }));
}

/** The id of the prediction; undefined when there is no whole answer. */
async function ask(url: string, agent: Agent, orders: number): Promise<string | undefined> {
  try {
    const sent = request(`${url}/predict/shop`, { method: 'POST', agent });
    sent.end(JSON.stringify({ row: { orders, tier: 'basic' } }));
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
    return ((await json(response)) as { predictions: { id: string }[] }).predictions[0]?.id;
  } catch {
    return undefined;
  }
}

function startServer(home: Home, fsync: string): ChildProcess {
  const env = {
    CLEAVER_HOME: home.root,
    CLEAVER_MODELS: path.join(home.root, '..', 'models'),
    CLEAVER_LOG_LEVEL: 'silent',
    CLEAVER_RECORD: fsync,
    CLEAVER_RECORD_FEATURES: 'values',
    CLEAVER_RECORD_FLUSH_MS: String(FLUSH_MS),
  };
  return spawn(process.execPath, [CLI, 'serve', '--port', '0'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function addressOf(child: ChildProcess): Promise<string> {
  let text = '';
  for (;;) {
    const found = /Serving at (http:\S+)/.exec(text)?.[1];
    if (found !== undefined) {
      child.stderr?.resume();
      return found;
    }
    const [chunk] = (await once(child.stderr ?? child, 'data')) as [Buffer];
    text += chunk.toString();
  }
}

/** The features of every recorded answer, by id. */
function recordedFeatures(home: Home): Map<string, unknown> {
  using database = new DatabaseSync(path.join(home.deliveries, 'predictions.db'), { readOnly: true });
  const rows = database.prepare('SELECT id, features FROM prediction_records').all();
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  return new Map(rows.map(({ id, features }) => [String(id), JSON.parse(String(features))]));
}
