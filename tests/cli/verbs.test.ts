import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { homeAt } from '../../pipelines/adapters/home.ts';
import { withModelLock } from '../../pipelines/adapters/lock.ts';
import { livingModel, preparedModel } from '../support/living-model.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const withChampion = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
});

test('the steps one after the other: each ends with 0 and says in one JSON object what it did', async () => {
  const living = await livingModel();
  await living.writeFolder();
  const steps: [readonly string[], Record<string, unknown>][] = [
    [['etl', '--as-of', '2025-01-11'], { outcome: 'done', asOf: '2025-01-11', featureDays: 10 }],
    [['etl'], { outcome: 'done', asOf: '2025-01-12', featureDays: 1 }],
    [['watch'], { outcome: 'retrain', batch: 'first-2025-01-12' }],
    [['train'], { outcome: 'done', version: 'v1', rows: 480 }],
    [['train'], { outcome: 'nothing-to-do', version: 'v1' }],
    [['evaluate'], { outcome: 'promoted', challengerVersion: 'v1' }],
    [['promote'], { outcome: 'done', champion: 'v1' }],
    [['promote', '--to', 'v1'], { outcome: 'nothing-to-do' }],
    [['deliver'], { outcome: 'done', files: 120, table: 120 }],
    [['report'], { outcome: 'done', champion: 'v1', asOf: '2025-01-12' }],
    [['loop'], { outcome: 'done', asOf: '2025-01-12' }],
  ];
  for (const [args, expected] of steps) {
    const { status, json, stderr } = await runCli(living.root, [...args, '--json']);
    expect({ args, status, json }).toMatchObject({ args, status: 0, json: { ...expected, model: 'living' } });
    if (args[0] === 'train') expect(stderr).toMatch(expected['outcome'] === 'done' ? /training on 480 rows/ : /^$/);
  }
});

test('lists: the models and their versions, the newest runs', async () => {
  const { root } = await withChampion();
  expect((await runCli(root, ['models', '--json'])).json).toMatchObject({
    outcome: 'done',
    models: [{ name: 'living', champion: 'v1', challenger: 'v1', versions: [{ version: 'v1' }] }],
  });
  const { json } = await runCli(root, ['runs', '--last', '2', '--json']);
  expect(json).toMatchObject({ outcome: 'done', runs: [{ step: 'promote' }, { step: 'deliver' }] });
  const people = await runCli(root, ['models']);
  expect(people).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^living: champion v1\n {2}v1 /) as string,
  });
});

describe('what the user can mend ends with 2', () => {
  test('with --json as one object on stdout, and the same for a person on stderr', async () => {
    const living = await livingModel();
    await living.writeFolder();
    const { status, json, stderr } = await runCli(living.root, ['evaluate', '--json']);
    expect(status).toBe(2);
    expect(Object.keys(json)).toEqual(['outcome', 'code', 'message', 'hint']);
    expect(json).toMatchObject({ outcome: 'error', code: 'TRAINING_DATA_MISSING' });
    expect(stderr).toBe(`TRAINING_DATA_MISSING: ${String(json['message'])}\nWhat to do: ${String(json['hint'])}\n`);
  });

  test.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['a verb that there is not', ['fly'], {}, /unknown command 'fly'/],
    ['an option that there is not', ['etl', '--fast'], {}, /unknown option '--fast'/],
    ['a day that there is not', ['etl', '--as-of', '2025-02-30'], {}, /2025-02-30.*YYYY-MM-DD/],
    ['a port that is none', ['serve'], { PORT: 'abc' }, /'abc' from env 'PORT' is invalid.*0 to 65535/],
    ['a number that is none', ['runs', '--last', ''], {}, /whole number/],
    ['a name that cannot be one', ['new', '../up'], {}, /"\.\.\/up" cannot be the name/],
  ])('%s', async (_, args, env, message) => {
    const root = await temporaryFolder();
    const { status, json, stderr } = await runCli(root, [...args.slice(0, 1), '--json', ...args.slice(1)], env);
    expect(json).toMatchObject({ outcome: 'error', code: 'OPTION_INVALID' });
    expect(json['message']).toMatch(message);
    expect(status).toBe(2);
    expect(stderr).not.toBe('');
    expect(await readdir(root)).toEqual([]);
  });

  test('a model folder that is there already, which stays as it is', async () => {
    const root = await temporaryFolder();
    const folder = path.join(root, 'models', 'churn');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'model.ts'), 'mine');
    const { status, json } = await runCli(root, ['new', 'churn', '--json']);
    expect({ status, json }).toMatchObject({
      status: 2,
      json: { code: 'OPTION_INVALID', message: `${folder} is there already.` },
    });
    expect(await readdir(folder)).toEqual(['model.ts']);
    expect(await readFile(path.join(folder, 'model.ts'), 'utf8')).toBe('mine');
  });

  test('no model, an unknown one, and several without a choice', async () => {
    const root = await temporaryFolder();
    expect((await runCli(root, ['etl', '--json'])).json).toMatchObject({
      code: 'OPTION_INVALID',
      message: 'There are 0 models: none.',
    });
    expect((await runCli(root, ['etl', '--model', 'x', '--json'])).json).toMatchObject({ code: 'MODEL_UNKNOWN' });
    for (const name of ['one', 'two']) expect((await runCli(root, ['new', name])).status).toBe(0);
    expect((await runCli(root, ['etl', '--json'])).json).toMatchObject({ message: 'There are 2 models: one, two.' });
  });

  test('a model that another process works on: BUSY, with its verb and its process', async () => {
    const { root } = await withChampion();
    const busy = await withModelLock(homeAt(path.join(root, 'state')), 'living', { verb: 'train' }, () =>
      runCli(root, ['loop', '--wait', '0', '--json']),
    );
    expect(busy).toMatchObject({ status: 2, json: { code: 'BUSY' } });
    expect(busy.json['message']).toContain(`\`cleaver train\` (process ${process.pid})`);
    expect((await runCli(root, ['loop', '--wait', '0'])).status).toBe(0);
  });
});

test('a bug of ours ends with 1, says where to report it, and is one JSON object too', async () => {
  const { root, home } = await withChampion();
  const [record] = await readdir(path.join(home.runs, 'living'));
  await writeFile(path.join(home.runs, 'living', record ?? ''), '{"half');
  const { status, json, stderr } = await runCli(root, ['runs', '--json']);
  expect([status, json['outcome']]).toEqual([1, 'bug']);
  expect(stderr).toMatch(/report it[^]*SyntaxError[^]*\n +at /);
});

describe('on a machine without Python', () => {
  const bare = (root: string) => ({ PATH: path.join(root, 'nothing'), CLEAVER_CACHE: path.join(root, 'cache') });

  test('doctor says how to get it, and ends with 0', async () => {
    const living = await livingModel({ days: 1 });
    await living.writeFolder();
    const { status, json } = await runCli(living.root, ['doctor', '--json'], bare(living.root));
    expect([status, json['outcome']]).toEqual([0, 'missing']);
    const findings = json['findings'] as { what: string; ok: boolean; detail: string }[];
    expect(findings.filter(({ ok }) => !ok).map(({ what }) => what)).toEqual(['Python', "The trainer's environment"]);
    expect(findings[1]?.detail).toMatch(/not found.*install Python 3\.11.*apt-get install python3-venv/);
    expect(findings.at(-1)).toMatchObject({ what: 'Model living', ok: true });
  });

  test('init in a state folder that cannot be made ends with STATE_UNWRITABLE and makes no environment', async () => {
    const root = await temporaryFolder();
    await writeFile(path.join(root, 'file'), '');
    const CLEAVER_HOME = path.join(root, 'file', 'state');
    const { status, json } = await runCli(root, ['init', '--json'], { ...bare(root), CLEAVER_HOME });
    expect([status, json['code']]).toEqual([2, 'STATE_UNWRITABLE']);
    expect(json['message']).toContain(`${CLEAVER_HOME} cannot be written: ENOTDIR`);
    expect(await readdir(root)).toEqual(['file']);
  });

  test('init ends with TRAINER_SETUP_FAILED and leaves no half-made environment', async () => {
    const root = await temporaryFolder();
    const { status, json } = await runCli(root, ['init', '--json'], bare(root));
    expect([status, json['code']]).toEqual([2, 'TRAINER_SETUP_FAILED']);
    expect(await readdir(path.join(root, 'cache'))).toEqual([]);
  });
});

test('doctor says that the state folder cannot be made, why, and what to do', async () => {
  const root = await temporaryFolder();
  await writeFile(path.join(root, 'file'), '');
  const { status, json } = await runCli(root, ['doctor', '--json'], { CLEAVER_HOME: path.join(root, 'file', 'state') });
  const findings = json['findings'] as { what: string; ok: boolean; detail: string }[];
  expect([status, json['outcome']]).toEqual([0, 'missing']);
  expect(findings.find(({ what }) => what === 'State folder')).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/ENOTDIR.*file\/state.*; give the right to write, or set CLEAVER_HOME$/) as string,
  });
});

test('doctor says of a model what is wrong with it', async () => {
  const living = await livingModel({ days: 1 });
  await living.writeFolder();
  await rm(path.join(living.root, 'source.db'));
  const { json, status } = await runCli(living.root, ['doctor', '--json']);
  const findings = json['findings'] as { what: string; ok: boolean; detail: string }[];
  expect(findings.at(-1)).toMatchObject({ what: 'Model living', ok: false });
  expect(findings.at(-1)?.detail).toMatch(/no SQLite file .*source\.db/);
  expect(status).toBe(0);
});
