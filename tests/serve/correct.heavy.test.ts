import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OUR_PATHS, bodyOf, requestOf, scoreIn } from '../../bench/serve/bodies.ts';
import { launch, type Launched } from '../../bench/serve/launch.ts';
import { MODEL, prepareModel, type BenchModel } from '../../bench/serve/model.ts';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { CLI } from '../support/run-cli.ts';
import { askRows } from './ask-rows.ts';

/** That scores stay right under load: each answer of the server against LightGBM's own score of the row. */
const ROWS = 100_000;
const CONNECTIONS = 64;
const SWAPS = 200;
const TOLERANCE = 1e-6;

let root = '';
let model: BenchModel;
let server: Launched;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'cleaver-correct-'));
  model = await prepareModel(root, ROWS, 2);
  server = await launch({
    folder: root,
    command: ([port]) => ({
      program: process.execPath,
      args: [CLI, 'serve', '--port', String(port)],
      // On a busy machine it would turn requests away; that is another test's.
      env: { CLEAVER_HOME: model.home.root, CLEAVER_MAX_LOOP_DELAY_MS: '60000', CLEAVER_REQUEST_TIMEOUT_MS: '60000' },
    }),
    trial: { path: OUR_PATHS.rows, body: bodyOf('rows', model, 0) },
  });
}, 300_000);

afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

test.each(['rows', 'v2'] as const)(
  '100,000 different rows over 64 connections, as %s, get the scores that LightGBM gives',
  async (protocol) => {
    let [sent, answered, worst] = [0, 0, 0];
    const bad: string[] = [];
    await askRows({
      port: server.port,
      connections: CONNECTIONS,
      next: () => {
        if (sent === ROWS) return undefined;
        const row = sent++;
        return { row, request: requestOf(OUR_PATHS[protocol], bodyOf(protocol, model, row)) };
      },
      onAnswer: (row, status, body) => {
        answered += 1;
        const difference = Math.abs(scoreIn(protocol, body.toString()) - scoreOf('v1', row));
        if (status !== 200 || !(difference <= TOLERANCE)) bad.push(`row ${row}: ${status} ${body.toString()}`);
        worst = Math.max(worst, difference);
      },
    });
    expect(bad).toEqual([]);
    expect(answered).toBe(ROWS);
    expect(worst).toBeLessThanOrEqual(TOLERANCE);
  },
);

test('during 200 swaps every answer is right for the version that it names, and none fails', async () => {
  const registry = openFileRegistry(model.home.registry, model.home.work);
  let [sent, isDone] = [0, false];
  const answered: Record<string, number> = { v1: 0, v2: 0 };
  const bad: string[] = [];
  let [awaited, inARow, serving] = ['', 0, Promise.withResolvers<undefined>()];
  const asking = askRows({
    port: server.port,
    connections: CONNECTIONS,
    next: () => {
      if (isDone) return undefined;
      const row = sent++ % ROWS;
      return { row, request: requestOf(OUR_PATHS.rows, bodyOf('rows', model, row)) };
    },
    onAnswer: (row, status, body) => {
      const text = body.toString();
      const { version } = JSON.parse(text) as { version: string };
      if (status !== 200 || !(Math.abs(scoreIn('rows', text) - scoreOf(version, row)) <= TOLERANCE)) {
        bad.push(`row ${row}: ${status} ${text}`);
        isDone = true;
        return;
      }
      answered[version] = (answered[version] ?? 0) + 1;
      // Some answers of the swap before may still be on their way, though not as many as this.
      inARow = version === awaited ? inARow + 1 : 0;
      if (inARow >= 2 * CONNECTIONS) serving.resolve(undefined);
    },
  });
  for (let swap = 0; swap < SWAPS && !isDone; swap += 1) {
    serving = Promise.withResolvers<undefined>();
    [awaited, inARow] = [swap % 2 === 0 ? 'v2' : 'v1', 0];
    await registry.setAlias(MODEL, 'champion', awaited);
    await Promise.race([serving.promise, asking]);
  }
  isDone = true;
  await asking;
  expect(bad).toEqual([]);
  expect(answered['v1']).toBeGreaterThan(SWAPS);
  expect(answered['v2']).toBeGreaterThan(SWAPS);
});

function scoreOf(version: string, row: number): number {
  return model.scores[version]?.[row] ?? Number.NaN;
}
