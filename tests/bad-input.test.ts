import { cp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { homeAt, type Home } from '../pipelines/adapters/home.ts';
import { loadModel } from '../pipelines/config.ts';
import { withContext } from '../pipelines/steps/context.ts';
import { loop } from '../pipelines/steps/loop.ts';
import { startServer } from '../service/server.ts';
import { rowsOfTable } from './support/delivered.ts';
import { folderContent } from './support/folder-content.ts';
import { NOW, preparedModel, TRAINER, type LivingModel, type ModelChange } from './support/living-model.ts';
import { canMountDisks, smallDisk } from './support/small-disk.ts';

/** A champion that is delivered, and new days that no command has seen: after four of them the next turn trains. */
const champion = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
});

async function withChampion(newDays: number): Promise<LivingModel> {
  const living = await champion();
  living.live(newDays, 'first');
  return living;
}

const trainer = (script: string, timeLimitSeconds?: number): ModelChange => ({
  manifest: { trainer: { command: [TRAINER[0] ?? '', '--input-type=module', '-e', script], timeLimitSeconds } },
});
/** The usual trainer, and then something else. */
const trainerThen = (script: string) =>
  trainer(
    `import { copyFileSync, rmSync, writeFileSync } from 'node:fs'; await import('${TRAINER[1] ?? ''}'); ${script}`,
  );
const queries = (change: ModelChange) => (living: LivingModel) => living.writeFolder(change);
const SECOND_MODEL = path.join(import.meta.dirname, 'models', 'second.onnx');
const inFolder = (work: (folder: string) => Promise<unknown>) => (living: LivingModel) =>
  work(path.join(living.root, 'models', 'living'));
const altered = (sql: string) => (living: LivingModel) => {
  living.alter(sql);
};

/** What is wrong, its code, how to make it so, and how to mend it (by default: write the model's folder again). */
type Case = [string, string, (living: LivingModel) => unknown, ((living: LivingModel) => unknown)?];

const BEFORE_TODAY_IS_SCORED: Case[] = [
  ['a manifest that is missing', 'MANIFEST_MISSING', inFolder((folder) => rm(path.join(folder, 'model.ts')))],
  [
    'a manifest that is no TypeScript',
    'MANIFEST_INVALID',
    inFolder((folder) => writeFile(path.join(folder, 'model.ts'), 'export default {')),
  ],
  ['a mart.sql that does not run', 'MART_SQL_FAILED', queries({ martSql: 'SELECT customer FROM visits GROUP' })],
  ['a label.sql that does not run', 'MART_SQL_FAILED', queries({ labelSql: 'SELECT nothing FROM visits' })],
  [
    'a feature that is NaN',
    'FEATURE_NOT_FINITE',
    queries({ martSql: `SELECT customer, 'NaN'::DOUBLE AS x0, max(x1) AS x1 FROM visits GROUP BY customer` }),
  ],
  [
    'a feature that is infinite',
    'FEATURE_NOT_FINITE',
    queries({ martSql: 'SELECT customer, 1 / 0.0 AS x0, max(x1) AS x1 FROM visits GROUP BY customer' }),
  ],
  [
    'a source that is down',
    'SOURCE_UNREACHABLE',
    ({ root }) => rename(path.join(root, 'source.db'), path.join(root, 'away.db')),
    ({ root }) => rename(path.join(root, 'away.db'), path.join(root, 'source.db')),
  ],
  [
    'a table that is missing',
    'SOURCE_TABLE_MISSING',
    altered('ALTER TABLE visits RENAME TO away'),
    altered('ALTER TABLE away RENAME TO visits'),
  ],
  [
    'a table that is empty',
    'SOURCE_TABLE_EMPTY',
    altered('ALTER TABLE visits RENAME TO away; CREATE TABLE visits AS SELECT * FROM away LIMIT 0'),
    altered('DROP TABLE visits; ALTER TABLE away RENAME TO visits'),
  ],
];

const WHILE_TRAINING: Case[] = [
  ['labels of one class', 'LABEL_ONE_CLASS', queries({ labelSql: 'SELECT DISTINCT customer, 1 AS label FROM visits' })],
  ['a trainer that crashes', 'TRAINER_CRASHED', queries(trainer('process.exit(3)'))],
  [
    'a trainer that cannot be started',
    'TRAINER_CRASHED',
    queries({ manifest: { trainer: { command: ['no-such-program'] } } }),
  ],
  ['a trainer that hangs', 'TRAINER_TIMEOUT', queries(trainer('setInterval(() => 0, 1000)', 1))],
  ['a trainer that writes no model', 'TRAINER_OUTPUT_MISSING', queries(trainerThen(`rmSync('model.onnx')`))],
  ['a broken model', 'MODEL_FILE_INVALID', queries(trainerThen(`writeFileSync('model.onnx', 'broken')`))],
  [
    'a model that is not the one that was trained',
    'MODEL_PARITY_FAILED',
    queries(trainerThen(`copyFileSync('${SECOND_MODEL}', 'model.onnx')`)),
  ],
];

describe('each bad input has its code, the last good model goes on serving, and mended the loop goes on:', () => {
  test.each(BEFORE_TODAY_IS_SCORED)('%s', async (_, code, spoil, mend = (living) => living.writeFolder()) => {
    const living = await withChampion(1);
    const before = await goodState(living.home);
    const served = await serve(living.home);
    await spoil(living);
    await expectError(living, code);
    expect(await goodState(living.home)).toEqual(before);
    expect(await served()).toBe('v1');
    await mend(living);
    expect(await turn(living)).toMatchObject({ asOf: '2025-01-13', deliver: { asOf: '2025-01-13', table: 120 } });
  });

  test.each(WHILE_TRAINING)('%s', async (_, code, spoil) => {
    const living = await withChampion(4);
    const { registry } = await goodState(living.home);
    const served = await serve(living.home);
    await spoil(living);
    await expectError(living, code);
    const after = await goodState(living.home);
    expect(after.registry).toEqual(registry);
    // The champion has scored the new day, all rows of it.
    expect(after.table.map((row) => `${row.as_of} ${row.version}`)).toEqual(Array(120).fill('2025-01-16 v1'));
    expect(await served()).toBe('v1');
    await living.writeFolder();
    expect(await turn(living)).toMatchObject({ train: { version: 'v2' }, deliver: { version: 'v1' } });
  });
});

// How far a turn comes: to the lock, the stage, the report, the trainer, the database for predictions.
describe.skipIf(!canMountDisks())('a full disk', () => {
  test.each([0, 16, 64, 80, 112])(
    'with %i KiB left is told, and with room again the loop goes on',
    async (kilobytes) => {
      const { living, disk } = await onSmallDisk();
      const { table } = await goodState(living.home);
      const served = await serve(living.home);
      await disk.fillUpTo(kilobytes * 1024);
      await expectError(living, 'DISK_FULL');
      await disk.empty();
      expect((await goodState(living.home)).table).toEqual(table);
      expect(await versionsThatLoad(living.home)).toContain('v1');
      expect(await served()).toBe('v1');
      expect((await turn(living)).deliver).toMatchObject({ asOf: '2025-01-16', version: 'v1', table: 120 });
      expect(await versionsThatLoad(living.home)).toEqual(['v1', 'v2']);
    },
  );
});

test('a database for predictions that is down has its code, the champion goes on serving, and later the loop goes on', async () => {
  const living = await withChampion(4);
  const { table } = await goodState(living.home);
  const served = await serve(living.home);
  await living.writeFolder({ manifest: { deliver: { url: 'postgres://nobody:nothing@127.0.0.1:9/none' } } });
  await expectError(living, 'DATABASE_UNREACHABLE');
  expect((await goodState(living.home)).table).toEqual(table);
  expect(await served()).toBe('v1');
  await living.writeFolder();
  const next = await turn(living);
  // Training was done before the delivery failed, and is not done again.
  expect([next.train, next.deliver]).toMatchObject([undefined, { asOf: '2025-01-16', table: 120 }]);
});

test('a port in use is told, and the server that has it goes on', async () => {
  const { home } = await withChampion(4);
  const server = await startServer({ home, port: 0, log: () => undefined });
  onTestFinished(() => server.close());
  await expect(startServer({ home, port: Number(new URL(server.url).port) })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
  });
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
});

/** One turn as the command line does it. */
async function turn({ root, home }: LivingModel) {
  const model = await loadModel('living', path.join(root, 'models'));
  return await withContext({ home, model, verb: 'loop', waitMs: 0, onProgress: () => undefined }, (context) =>
    loop(context, { now: NOW }),
  );
}

/** The turn ends with the code and a hint, and leaves no file in the making. */
async function expectError(living: LivingModel, code: string): Promise<void> {
  await expect(turn(living)).rejects.toMatchObject({ code, hint: expect.stringMatching(/\w+ \w+/) as string });
  expect(await folderContent(living.home.work)).toEqual({});
}

/** What a failure must not touch. */
async function goodState(home: Home) {
  return { registry: await folderContent(home.registry), table: rowsOfTable(home, 'living') };
}

/** Every version that the registry names; throws where one of them is not whole. */
async function versionsThatLoad(home: Home): Promise<string[]> {
  const registry = openFileRegistry(home.registry, home.work);
  const versions = await registry.versions('living');
  for (const version of versions) await registry.modelFile(version);
  return versions.map(({ version }) => version);
}

/** Starts a server; answers which version it answers with. */
async function serve(home: Home): Promise<() => Promise<unknown>> {
  const server = await startServer({ home, port: 0, log: () => undefined });
  onTestFinished(() => server.close());
  return async () => {
    const body = JSON.stringify({ row: { x0: 1, x1: -0.5 } });
    const response = await fetch(`${server.url}/predict/living`, { method: 'POST', body });
    return ((await response.json()) as { version: string }).version;
  };
}

/** The same state on a disk of its own. */
async function onSmallDisk() {
  const living = await withChampion(4);
  const disk = await smallDisk(64);
  const home = homeAt(path.join(disk.folder, 'state'));
  await cp(living.home.root, home.root, { recursive: true });
  return { living: { ...living, home }, disk };
}
