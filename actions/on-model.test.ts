import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { withModelLock } from '../pipelines/adapters/lock.ts';
import { startGithubServer } from '../tests/support/github-server.ts';
import { preparedModel, TRAINER, type LivingModel, type ModelChange } from '../tests/support/living-model.ts';
import { runAction, startAction, type ActionResult, type RunningAction } from '../tests/support/run-action.ts';
import { folderContent } from '../tests/support/folder-content.ts';

/** A champion, and four new days: news. */
const withNews = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
  living.live(4, 'second');
});

const JUDGEMENT = { judgement: 'evaluate-0123456789ab' };
const ACTIONS: [string, Record<string, string>][] = [
  ['etl', {}],
  ['watch', { token: 'a-token' }],
  ['train', {}],
  ['evaluate', {}],
  ['promote', JUDGEMENT],
  ['deliver', {}],
];

test('one after the other they are the loop: each hands on what the next one needs, and done again nothing changes', async () => {
  const living = await withNews();
  living.live(4, 'second');
  const github = await startGithubServer();
  const run = async (name: string, inputs: Record<string, string> = {}): Promise<ActionResult> => {
    const result = await runAction(living.root, name, { inputs, env: { GITHUB_API_URL: github.url } });
    expect({ name, status: result.status, annotations: result.annotations }).toEqual({
      name,
      status: 0,
      annotations: [],
    });
    expect(result.summary).toMatch(/^### /);
    return result;
  };
  const turn = async () => {
    const etl = await run('etl');
    const watch = await run('watch', { token: 'a-token' });
    const train = await run('train');
    const evaluate = await run('evaluate', { version: train.outputs['version'] ?? '' });
    const promote = await run('promote', { judgement: evaluate.outputs['judgement'] ?? '' });
    const deliver = await run('deliver');
    return { etl, watch, train, evaluate, promote, deliver };
  };
  const first = await turn();
  expect(outputsOf(first)).toMatchObject({
    etl: { outcome: 'done', 'as-of': '2025-01-20', 'feature-days': '8', 'label-days': '8', champion: 'v1' },
    watch: { outcome: 'retrain', batch: 'days-2025-01-20', dispatched: 'true' },
    train: { outcome: 'done', version: 'v2', 'as-of': '2025-01-20', rows: '480' },
    evaluate: { outcome: 'promoted', version: 'v2', champion: 'v1', gain: expect.stringMatching(/^0\.\d+/) as string },
    promote: { outcome: 'done', champion: 'v2', former: 'v1' },
    deliver: { outcome: 'done', 'as-of': '2025-01-20', version: 'v2', rows: '120' },
  });
  expect(JSON.parse(first.train.outputs['metrics'] ?? '')).toEqual({ validRows: expect.any(Number) as number });
  expect(JSON.parse(first.evaluate.outputs['reasons'] ?? '')).toHaveLength(2);
  expect(first.etl.summary).toMatch(/\| visits +\| 960 +\|/);
  expect(first.evaluate.summary).toMatch(/\| champion v1 [^]*\| challenger v2 [^]*\n- AUC \+0\.\d+/);
  const state = await folderContent(living.home.registry);
  const again = outputsOf(await turn());
  expect(Object.entries(again).map(([name, { outcome }]) => `${name}: ${outcome ?? ''}`)).toEqual([
    'etl: nothing-to-do',
    'watch: nothing-to-do',
    'train: nothing-to-do',
    'evaluate: promoted',
    'promote: nothing-to-do',
    'deliver: nothing-to-do',
  ]);
  expect(again.evaluate['judgement']).toBe(first.evaluate.outputs['judgement']);
  expect(await folderContent(living.home.registry)).toEqual(state);
  expect(github.dispatches).toHaveLength(1);
});

describe.each(ACTIONS)('%s', (name, inputs) => {
  test('meets another command on the model: BUSY after the wait, with who it is', async () => {
    const { root, home } = await withNews();
    const before = await folderContent(path.join(home.runs));
    const result = await withModelLock(home, 'living', { verb: 'train' }, () =>
      runAction(root, name, { inputs: { ...inputs, 'wait-seconds': '0' } }),
    );
    expectError(result, 'BUSY', `\`cleaver train\` (process ${process.pid})`);
    expect(await folderContent(path.join(home.runs))).toEqual(before);
  });

  test('refuses a state folder in the checkout, which the next job would find empty', async () => {
    const { root } = await withNews();
    const result = await runAction(root, name, { inputs, env: { CLEAVER_HOME: path.join(root, 'checkout', 'state') } });
    expectError(result, 'OPTION_INVALID', /CLEAVER_HOME .*: the next job would begin with an empty state\./);
  });

  test('tells every input that cannot be used at once', async () => {
    const { root } = await withNews();
    const wrong = { model: '../shop', 'as-of': 'today', version: '7', judgement: 'v7', 'wait-seconds': '-1' };
    const result = await runAction(root, name, { inputs: { ...inputs, ...wrong } });
    expectError(result, 'OPTION_INVALID', 'model: must be the name of a folder under models/\n');
    expect(result.annotations[0]?.message).toContain('wait-seconds: must be a whole number of seconds');
    const more: Record<string, RegExp> = {
      etl: /as-of: .*YYYY-MM-DD/,
      evaluate: /version: .*v7/,
      promote: /judgement: .*run id/,
    };
    expect(result.annotations[0]?.message).toMatch(more[name] ?? /:/);
  });
});

test.each([
  ['is not named', '', 'OPTION_INVALID'],
  ['is the checkout', 'checkout', 'OPTION_INVALID'],
  ['begins with two dots, but lies in the checkout', 'checkout/..state', 'OPTION_INVALID'],
  ['is a file', 'source.db', 'STATE_UNWRITABLE'],
])('a state folder that %s is told', async (_, folder, code) => {
  const { root } = await withNews();
  const env = { CLEAVER_HOME: folder === '' ? '' : path.join(root, folder) };
  expectError(await runAction(root, 'deliver', { env }), code);
});

describe('the model', () => {
  test('that is not there is told with those that are', async () => {
    const { root } = await withNews();
    const result = await runAction(root, 'train', { inputs: { model: 'shop' } });
    expectError(result, 'MODEL_UNKNOWN', 'There are: living.');
  });

  test('must be named where there are several', async () => {
    const { root } = await withNews();
    await cp(path.join(root, 'models', 'living'), path.join(root, 'models', 'other'), { recursive: true });
    expectError(await runAction(root, 'train'), 'OPTION_INVALID', 'There are 2 models: living, other.');
    expect((await runAction(root, 'deliver', { inputs: { model: 'living' } })).status).toBe(0);
  });

  test('must be there', async () => {
    const { root } = await withNews();
    await rm(path.join(root, 'models', 'living'), { recursive: true });
    expectError(await runAction(root, 'deliver'), 'OPTION_INVALID', 'There are 0 models');
  });
});

test('a source that is gone is told, and mended the next run goes on', async () => {
  const { root } = await withNews();
  await rename(path.join(root, 'source.db'), path.join(root, 'away.db'));
  expectError(await runAction(root, 'etl'), 'SOURCE_UNREACHABLE', 'source.db');
  await rename(path.join(root, 'away.db'), path.join(root, 'source.db'));
  expect((await runAction(root, 'etl')).outputs).toMatchObject({ outcome: 'done', 'as-of': '2025-01-16' });
});

test('a day that is not over is not taken in', async () => {
  const { root } = await withNews();
  const result = await runAction(root, 'etl', { inputs: { 'as-of': '2999-01-01' } });
  expectError(result, 'OPTION_INVALID', 'The day 2999-01-01 is not over');
});

describe('before anything was trained', () => {
  test('etl builds the mart, and names no champion that could score it', async () => {
    const { root, home } = await withNews();
    await rm(home.root, { recursive: true });
    const { status, outputs } = await runAction(root, 'etl');
    expect([status, Object.keys(outputs)]).toEqual([0, ['outcome', 'as-of', 'feature-days', 'label-days']]);
  });

  test.each([
    ['train', {}, 'TRAINING_DATA_MISSING'],
    ['evaluate', {}, 'TRAINING_DATA_MISSING'],
    ['promote', JUDGEMENT, 'GATE_NOT_PASSED'],
    ['deliver', {}, 'CHAMPION_MISSING'],
  ])('%s says what is missing', async (name, inputs, code) => {
    const { root, home } = await withNews();
    await rm(home.root, { recursive: true });
    expectError(await runAction(root, name, { inputs }), code);
  });
});

describe('the runner disturbed while a training is at work', () => {
  test('killed: the next run ends what was left and gives what an undisturbed one gives', async () => {
    const [living, undisturbed] = [await ready({}), await ready({})];
    expect((await runAction(undisturbed.root, 'train')).status).toBe(0);
    await living.writeFolder(await hangingOnce(living));
    const action = await startAction(living.root, 'train');
    const trainer = await trainerOf(action);
    action.kill('SIGKILL');
    await action.ended;
    expect(await isRunning(trainer)).toBe(true);
    expect((await runAction(living.root, 'train')).outputs).toMatchObject({ outcome: 'done', version: 'v2' });
    expect(await isRunning(trainer)).toBe(false);
    expect(await modelFiles(living)).toEqual(await modelFiles(undisturbed));
    expect(await folderContent(living.home.work)).toEqual({});
  });

  test('cancelled: the trainer ends with it, nothing is registered, and the next run does the work', async () => {
    const living = await ready({});
    await living.writeFolder(await hangingOnce(living));
    const before = await folderContent(living.home.registry);
    const action = await startAction(living.root, 'train');
    const trainer = await trainerOf(action);
    action.kill('SIGINT');
    const { status, summary, annotations } = await action.ended;
    expect([status, annotations]).toEqual([130, []]);
    expect(summary).toContain('Cancelled (SIGINT)');
    // It has been killed; that it is gone takes the system its moment.
    await expect.poll(() => isRunning(trainer)).toBe(false);
    expect(await folderContent(living.home.registry)).toEqual(before);
    expect((await runAction(living.root, 'train')).outputs).toMatchObject({ outcome: 'done', version: 'v2' });
  });

  test('cancelled while it waits for another: the other goes on', async () => {
    const living = await ready({});
    await living.writeFolder(await hangingOnce(living));
    const other = await startAction(living.root, 'train');
    const trainer = await trainerOf(other);
    const waiting = await startAction(living.root, 'deliver');
    await waiting.said('deliver of living');
    waiting.kill('SIGTERM');
    expect((await waiting.ended).status).toBe(143);
    expect(await isRunning(trainer)).toBe(true);
    other.kill('SIGTERM');
    expect((await other.ended).status).toBe(143);
    await expect.poll(() => isRunning(trainer)).toBe(false);
  });
});

function outputsOf<K extends string>(results: Record<K, ActionResult>): Record<K, Record<string, string>> {
  const entries = Object.entries<ActionResult>(results).map(([name, { outputs }]) => [name, outputs]);
  return Object.fromEntries(entries) as Record<K, Record<string, string>>;
}

function expectError(result: ActionResult, code: string, text: string | RegExp = ''): void {
  const { status, annotations, outputs, summary } = result;
  expect(annotations.map(({ level, properties }) => ({ level, ...properties }))).toEqual([
    { level: 'error', title: code },
  ]);
  expect(annotations[0]?.message).toMatch(/\nWhat to do: \w+ \S+/);
  expect(annotations[0]?.message).toMatch(text);
  expect(Object.keys(outputs)).toEqual(['error']);
  expect(outputs['error']).toBe(`${code}: ${annotations[0]?.message ?? ''}`);
  expect(summary).toContain(`### ❌ ${code}`);
  expect(status).toBe(2);
}

/** The new days are in the mart. */
async function ready(change: ModelChange): Promise<LivingModel> {
  const living = await withNews();
  await living.writeFolder(change);
  expect((await runAction(living.root, 'etl')).status).toBe(0);
  return living;
}

/** The usual trainer, which says its process id first and hangs when it is started the first time. */
async function hangingOnce({ root }: LivingModel): Promise<ModelChange> {
  const mark = path.join(root, 'was-started');
  const script = path.join(root, 'hanging-once.mjs');
  await writeFile(
    script,
    `import { existsSync, writeFileSync } from 'node:fs';
     const wasStarted = existsSync('${mark}');
     writeFileSync('${mark}', '');
     console.log('trainer ' + process.pid);
     if (wasStarted) await import('${TRAINER[1] ?? ''}');
     else setInterval(() => {}, 1e9);`,
  );
  return { manifest: { trainer: { command: [process.execPath, script] } } };
}

/** The process id of the trainer, once it is at work. */
async function trainerOf(action: RunningAction): Promise<number> {
  await action.said('trainer ');
  return Number(/trainer (\d+)\n/.exec(action.log())?.[1]);
}

/** The registered model files by their hashes. */
async function modelFiles({ home }: LivingModel): Promise<string[]> {
  return Object.keys(await folderContent(path.join(home.registry, 'living', 'objects')));
}

/** A process that has ended but that nobody has asked after (a zombie) is not running. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}
