import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDays } from '../pipelines/core/days.ts';
import { createShop } from '../sample/shop/shop.ts';
import { writeHistory } from '../sample/shop/write-history.ts';

const FIRST_DAY = '2025-01-01';
const FIRST_TURN = addDays(FIRST_DAY, 112);
const SECOND_TURN = addDays(FIRST_DAY, 119);
const CLI = path.join(import.meta.dirname, '..', 'pipelines', 'cli.ts');
/** Another seed is other moments: CLEAVER_KILL_SEED=7 npm run test:heavy. */
const SEED = Number(process.env['CLEAVER_KILL_SEED'] ?? 1);

/** Two turns of the loop, each from where the one before ended; what they leave when nobody disturbs them. */
interface Turn {
  asOf: string;
  start: string;
  durationMs: number;
  result: Snapshot;
}

let root = '';
const turns: Turn[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'cleaver-kill-'));
  const start = path.join(root, 'start');
  const shop = createShop({ seed: 1, customers: 2_000, firstDay: FIRST_DAY, changeDay: '2026-01-01' });
  writeHistory({ file: path.join(start, 'shop', 'shop.db'), shop, days: 120 });
  for (const asOf of [FIRST_TURN, SECOND_TURN]) {
    const from = turns.length === 0 ? start : path.join(root, FIRST_TURN);
    const home = path.join(root, asOf);
    await cp(from, home, { recursive: true });
    const begun = performance.now();
    expect(await finish(startLoop(home, asOf))).toBe(0);
    turns.push({ asOf, start: from, durationMs: performance.now() - begun, result: await snapshot(home) });
  }
}, 300_000);

afterAll(() => rm(root, { recursive: true, force: true }));

const random = xoroshiro128plus(SEED);
const moments = Array.from({ length: 10 }, (_, index) => [index % 2, uniformInt(random, 2, 98)] as const);

test.each(moments)(
  'turn %i killed at %i percent of its time, and run again, gives what an undisturbed one gives',
  async (index, percent) => {
    const turn = turns[index];
    if (turn === undefined) throw new Error('The undisturbed run failed.');
    const home = await mkdtemp(path.join(root, 'killed-'));
    await cp(turn.start, home, { recursive: true });
    const child = startLoop(home, turn.asOf);
    await Promise.race([sleep((turn.durationMs * percent) / 100), once(child, 'exit')]);
    child.kill('SIGKILL');
    await finish(child);
    expect(await finish(startLoop(home, turn.asOf))).toBe(0);
    expect(await snapshot(home)).toEqual(turn.result);
  },
);

test('a third run changes nothing at all', async () => {
  const turn = turns[1];
  const home = path.join(root, SECOND_TURN);
  expect(await finish(startLoop(home, SECOND_TURN))).toBe(0);
  expect(await snapshot(home)).toEqual(turn?.result);
});

function startLoop(home: string, asOf: string): ChildProcess {
  const env = { ...process.env, CLEAVER_HOME: home };
  return spawn(process.execPath, [CLI, 'loop', '--model', 'shop', '--as-of', asOf, '--json'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function finish(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

interface Snapshot {
  files: Record<string, string>;
  table: unknown[];
  duplicates: number;
}

/** Every file of the state by content (what holds a clock or a process id by name only), and the predictions table. */
async function snapshot(home: string): Promise<Snapshot> {
  const files: Record<string, string> = {};
  for (const name of (await readdir(home, { recursive: true })).sort()) {
    const isIgnored = /^(shop|locks|metrics|logs)\/|\.duckdb|predictions\.db|\.etl-|^reports\/shop\//.test(name);
    if (isIgnored || !(await stat(path.join(home, name))).isFile()) continue;
    files[name] = name.startsWith('runs/')
      ? 'a record'
      : createHash('sha256')
          .update(await readFile(path.join(home, name)))
          .digest('hex');
  }
  const database = new DatabaseSync(path.join(home, 'deliveries', 'predictions.db'), { readOnly: true });
  const table = database.prepare('SELECT * FROM predictions ORDER BY model, entity_id').all();
  database.close();
  return { files, table, duplicates: table.length - new Set(table.map((row) => row['entity_id'])).size };
}
