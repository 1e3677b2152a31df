import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  idsOf,
  quickRecorder,
  type RecordedRequest,
  recordFiles,
  recordRequests,
  scoredRows,
} from '../../tests/support/recorded.ts';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { writeModelFolder } from '../../tests/support/model-folder.ts';
import { runCli } from '../../tests/support/run-cli.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { openFileRegistry } from '../adapters/file-registry.ts';
import { homeAt, type Home } from '../adapters/home.ts';
import { withModelLock } from '../adapters/lock.ts';
import { collect } from './collect.ts';

let root: string;
let home: Home;
let models: string;

beforeEach(async () => {
  root = await temporaryFolder();
  home = homeAt(path.join(root, 'state'));
  models = path.join(root, 'models');
});

/** A busy machine is slow to write. */
const SOON = { timeout: 10_000 };
const NOTHING = { outcome: 'nothing-to-do', files: 0, rows: 0, outcomes: 0, torn: 0, kept: 0 };
const FILE = path.join(import.meta.dirname, '..', '..', 'tests', 'models', 'first.onnx');

const writeModel = (name: string, url?: string) => writeModelFolder(models, name, url);

const record = (...requests: RecordedRequest[]) => recordRequests(home.predictions, requests);

function rowsOf(table: string, file = path.join(home.deliveries, 'predictions.db')): Record<string, unknown>[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database
    .prepare(`SELECT * FROM ${table} ORDER BY id`)
    .all()
    .map((row) => ({ ...row }));
}

const idsIn = (table: string, file?: string) => rowsOf(table, file).map(({ id }) => id);

test('all files are loaded, with features named by the version in the registry, and are gone', async () => {
  await writeModel('shop');
  const registry = openFileRegistry(home.registry, home.work);
  await registry.register(FILE, fakeVersion('shop', 'v1', 'first'));
  await record(scoredRows(['a', 'b']));
  await record(scoredRows(['c'], { version: 'v9' }), [{ id: 'a', label: 1 }]);
  const done = { outcome: 'done', files: 2, rows: 3, outcomes: 1, torn: 0, kept: 0 };
  expect(await collect({ home, models })).toEqual(done);
  expect(rowsOf('prediction_records')).toMatchObject([
    { id: 'a', features: '{"orders":0.5,"tier":"gold"}' },
    { id: 'b', features: '{"orders":1.5,"tier":"gold"}' },
    { id: 'c', features: '[0.5,1]' },
  ]);
  expect(rowsOf('prediction_outcomes')).toMatchObject([{ id: 'a', label: 1 }]);
  expect(await recordFiles(home.predictions)).toEqual([]);
  expect(await collect({ home, models })).toEqual(NOTHING);
});

test('a record that is being written is left alone, its finished files are loaded', async () => {
  await writeModel('shop');
  const recorder = await quickRecorder(home.predictions, { maxFileBytes: 1000 });
  void recorder.record(scoredRows(idsOf(10)));
  await expect.poll(() => recorder.state.written, SOON).toBe(10);
  void recorder.record(scoredRows(['late']));
  await expect.poll(() => recorder.state.written, SOON).toBe(11);
  expect(await collect({ home, models })).toMatchObject({ outcome: 'done', files: 1, rows: 10 });
  expect(await recordFiles(home.predictions)).toEqual([expect.stringMatching(/\.open$/)]);
  await recorder.close();
  expect(await collect({ home, models })).toMatchObject({ files: 1, rows: 1 });
});

test('torn lines go to quarantine/predictions', async () => {
  await writeModel('shop');
  await mkdir(home.predictions, { recursive: true });
  await writeFile(path.join(home.predictions, 'a.w0.open'), 'half a li');
  expect(await collect({ home, models })).toEqual({ ...NOTHING, outcome: 'done', files: 1, torn: 1 });
  expect(await readdir(path.join(home.quarantine, 'predictions'))).toEqual(['a.w0.ndjson']);
});

describe('rows that cannot be loaded yet', () => {
  test('stay while their model has no folder, and are loaded when it has', async () => {
    await writeModel('shop');
    await record(scoredRows(['a']), scoredRows(['b'], { model: 'new' }));
    expect(await collect({ home, models })).toMatchObject({ outcome: 'done', files: 1, rows: 1, kept: 1 });
    expect(await collect({ home, models })).toEqual({ ...NOTHING, kept: 1 });
    await writeModel('new');
    expect(await collect({ home, models })).toMatchObject({ outcome: 'done', rows: 1, kept: 0 });
    expect(idsIn('prediction_records')).toEqual(['a', 'b']);
  });

  test('stay while their database cannot be opened, which is told when all others are loaded', async () => {
    await writeModel('shop');
    await writeModel('gone', 'sqlite:own.db');
    const own = path.join(models, 'gone', 'own.db');
    await writeFile(own, 'This is no database.'.repeat(100));
    await record(scoredRows(['a'], { model: 'gone' }), scoredRows(['b']), [{ id: 'a', label: 0 }]);
    const gone = { code: 'DATABASE_UNREACHABLE', message: expect.stringContaining('own.db') as string };
    await expect(collect({ home, models })).rejects.toMatchObject(gone);
    expect(idsIn('prediction_records')).toEqual(['b']);
    await rm(own);
    expect(await collect({ home, models })).toMatchObject({ rows: 1, outcomes: 1, kept: 0 });
    expect([idsIn('prediction_records', own), idsIn('prediction_outcomes', own)]).toEqual([['a'], ['a']]);
    expect(idsIn('prediction_records')).toEqual(['b']);
  });

  test('stay while the manifest is wrong', async () => {
    await writeModel('shop');
    await writeFile(path.join(models, 'shop', 'model.ts'), 'export default {};\n');
    await record(scoredRows(['a']));
    await expect(collect({ home, models })).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    expect(await recordFiles(home.predictions)).toHaveLength(1);
  });

  test('are outcomes as long as there is no model', async () => {
    await record([{ id: 'a', label: 1 }]);
    expect(await collect({ home, models })).toEqual({ ...NOTHING, kept: 1 });
  });
});

test('models with databases of their own have their own rows, and all outcomes', async () => {
  await writeModel('one', 'sqlite:own.db');
  await writeModel('two', 'sqlite:own.db');
  await record(scoredRows(['a'], { model: 'one' }), scoredRows(['b'], { model: 'two' }), [{ id: 'a', label: 1 }]);
  expect(await collect({ home, models })).toMatchObject({ rows: 2, outcomes: 1 });
  const [one, two] = ['one', 'two'].map((name) => path.join(models, name, 'own.db'));
  expect([idsIn('prediction_records', one), idsIn('prediction_records', two)]).toEqual([['a'], ['b']]);
  expect([idsIn('prediction_outcomes', one), idsIn('prediction_outcomes', two)]).toEqual([['a'], ['a']]);
});

test('a second collect waits, and meets BUSY when it has waited long enough', async () => {
  await withModelLock(home, 'prediction_record', { verb: 'collect' }, async () => {
    await expect(collect({ home, models, waitMs: 0 })).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining('`cleaver collect`') as string,
    });
  });
  expect(await collect({ home, models, waitMs: 0 })).toEqual(NOTHING);
});

test('the verb collect says what it did in one JSON object, and to people', async () => {
  await writeModel('shop');
  await record(scoredRows(['a']));
  const { status, json } = await runCli(root, ['collect', '--json']);
  expect([status, json]).toEqual([0, { outcome: 'done', files: 1, rows: 1, outcomes: 0, torn: 0, kept: 0 }]);
  expect(await runCli(root, ['collect'])).toMatchObject({
    ...{ status: 0, stderr: '', stdout: expect.stringMatching(/^outcome: nothing-to-do\n/) as string },
  });
});
