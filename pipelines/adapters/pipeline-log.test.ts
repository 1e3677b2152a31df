import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { CleaverError } from '../core/errors.ts';
import { homeAt } from './home.ts';
import { withPipelineLog, type LoggedCommand } from './pipeline-log.ts';
import { recordRun } from './run-store.ts';

const model = { name: 'shop', manifest: { entity: 'member_no' } };

async function openHome() {
  const home = homeAt(await temporaryFolder());
  const told: string[] = [];
  const command = (change: Partial<LoggedCommand> = {}): LoggedCommand => ({
    home,
    verb: 'loop',
    model,
    tell: (text) => void told.push(text),
    ...change,
  });
  const text = () => readFileSync(path.join(home.logs, 'pipeline.log'), 'utf8');
  const lines = () =>
    text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const record = (step: 'etl' | 'train', work = () => Promise.resolve()) =>
    recordRun(home, { step, model: 'shop', asOf: '2026-01-02', inputs: { step } }, async () => {
      await work();
      return { outcome: 'done', outputs: { file: 'abc' }, result: { secret: 'figures' } };
    });
  return { home, told, command, text, lines, record };
}

const no = () => Promise.reject(new Error('no'));

describe('a command', () => {
  test('has one line for each run that it records, and one for its end, all with its own id', async () => {
    vi.stubEnv('GITHUB_RUN_ID', '77');
    const { command, lines, record, text } = await openHome();
    const run = await withPipelineLog(command(), async () => {
      const made = await record('etl');
      await record('train');
      return { outcome: made.outcome, runId: made.id };
    });
    vi.unstubAllEnvs();
    const common = {
      'log.level': 'info',
      '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      'ecs.version': '8.10.0',
      'service.name': 'cleaver',
      'service.version': expect.any(String) as string,
      'process.pid': process.pid,
      'trace.id': lines()[0]?.['trace.id'],
      'event.dataset': 'cleaver.pipeline',
      'event.outcome': 'success',
      'event.duration': expect.any(Number) as number,
      'labels.model': 'shop',
      'labels.workflow_run': '77',
      'cleaver.outcome': 'done',
    };
    const [etl, train, end] = lines();
    expect(etl).toEqual({
      ...common,
      'event.action': 'run-done',
      'labels.step': 'etl',
      'labels.run_id': run.runId,
      'labels.as_of': '2026-01-02',
      message: 'etl of shop: done',
    });
    expect(train).toMatchObject({ ...common, 'labels.step': 'train', message: 'train of shop: done' });
    expect(end).toEqual({
      ...common,
      'event.action': 'command-done',
      'labels.step': 'loop',
      message: 'loop of shop: done',
    });
    expect(lines()).toHaveLength(3);
    expect(common['trace.id']).toMatch(/^[\da-f-]{36}$/);
    expect(text()).not.toMatch(/figures|abc/);
  });

  test.each([
    ['its step’s word', { outcome: 'insufficient-data' }, 'insufficient-data'],
    ['done, where it has none', undefined, 'done'],
    ['done, where it is no word', { outcome: 'for Jane Doe' }, 'done'],
  ])('ends with %s as its outcome', async (_, answer, outcome) => {
    const { command, lines } = await openHome();
    expect(await withPipelineLog(command({ verb: 'watch' }), () => Promise.resolve(answer))).toBe(answer);
    expect(lines()).toMatchObject([{ 'cleaver.outcome': outcome, message: `watch of shop: ${outcome}` }]);
  });

  test('for all models has no model', async () => {
    const { command, lines } = await openHome();
    await withPipelineLog(command({ verb: 'collect', model: undefined }), () => Promise.resolve());
    expect(lines()).toMatchObject([{ 'labels.step': 'collect', message: 'collect: done' }]);
    expect(lines()[0]).not.toHaveProperty(['labels.model']);
  });

  test('beside another one in the same process keeps its lines apart', async () => {
    const { command, lines, record } = await openHome();
    await Promise.all([
      withPipelineLog(command({ verb: 'etl' }), () => record('etl')),
      withPipelineLog(command({ verb: 'train' }), () => record('train')),
    ]);
    const ids = (step: string) =>
      new Set(
        lines()
          .filter((line) => line['labels.step'] === step)
          .map((line) => line['trace.id']),
      );
    expect([ids('etl').size, ids('train').size]).toEqual([1, 1]);
    expect(ids('etl')).not.toEqual(ids('train'));
  });
});

describe('a command that fails', () => {
  test('has the code, the step and the run that failed, and no stack for what its reader can mend', async () => {
    const { command, lines, record } = await openHome();
    const error = new CleaverError('TRAINER_CRASHED', 'The command ended with 1.', { hint: 'Mend train.py.' });
    const failing = withPipelineLog(command(), async () => {
      await record('etl');
      try {
        await record('train', () => Promise.reject(error));
      } finally {
        await record('etl');
      }
    });
    await expect(failing).rejects.toBe(error);
    expect(lines()).toHaveLength(3);
    expect(lines()[2]).toMatchObject({
      'log.level': 'error',
      'event.action': 'command-failed',
      'event.outcome': 'failure',
      'event.duration': expect.any(Number) as number,
      'labels.step': 'train',
      'labels.run_id': expect.stringMatching(/^train-[\da-f]{12}$/) as string,
      'error.code': 'TRAINER_CRASHED',
      'error.message': 'The command ended with 1. Mend train.py.',
      message: 'loop of shop failed',
    });
    expect(lines()[2]).not.toHaveProperty(['error.stack_trace']);
  });

  test('before it had a run is told by its verb; a bug has its stack', async () => {
    const { command, lines } = await openHome();
    await expect(withPipelineLog(command({ verb: 'etl' }), no)).rejects.toThrow('no');
    expect(lines()).toMatchObject([
      {
        'labels.step': 'etl',
        'error.type': 'Error',
        'error.stack_trace': expect.stringContaining('pipeline-log.test.ts') as string,
      },
    ]);
    expect(lines()[0]).not.toHaveProperty(['labels.run_id']);
  });

  test('tells nothing of a person, nor a key', async () => {
    const { command, text } = await openHome();
    const secrets = ['jane@example.org', 'hunter2', 'M-4711', 'cleaver_0123456789abcdef'];
    const [mail, password, id, key] = secrets;
    const said = `${mail} and member_no ${id} at postgres://shop:${password}@db/shop with ${key}`;
    vi.stubEnv('CLEAVER_LOG_LEVEL', 'debug');
    const failing = withPipelineLog(command(), (log) => {
      log.progress(said);
      throw new Error(said, { cause: new Error(said) });
    });
    await expect(failing).rejects.toThrow(said);
    vi.unstubAllEnvs();
    for (const secret of secrets) expect(text()).not.toContain(secret);
    expect(text()).toContain('postgres://***@db/shop');
  });
});

test.each([
  ['debug', 2],
  ['info', 1],
  ['a typing error', 1],
  ['silent', 0],
])('what is said on the way is a line at debug: at %s there are %i', async (level, count) => {
  const { home, command, lines } = await openHome();
  vi.stubEnv('CLEAVER_LOG_LEVEL', level);
  await withPipelineLog(command(), (log) => {
    log.progress('30 rows taken in');
    return Promise.resolve();
  });
  vi.unstubAllEnvs();
  if (count === 0) expect(existsSync(home.logs)).toBe(false);
  else expect(lines()).toHaveLength(count);
  if (count === 2) {
    expect(lines()[0]).toMatchObject({ 'log.level': 'debug', 'event.action': 'progress', message: '30 rows taken in' });
  }
});

describe('a log that cannot be written', () => {
  test('stops nothing, and is told once', async () => {
    const { home, told, command, record } = await openHome();
    writeFileSync(home.logs, 'no folder');
    const run = await withPipelineLog(command(), async () => {
      await record('etl');
      return await record('train');
    });
    expect(run.step).toBe('train');
    expect(told).toEqual([
      expect.stringMatching(/^The log .*pipeline\.log cannot be written \(EEXIST.*\); the work goes on without it\.$/),
    ]);
  });

  test('does not hide the error of a step', async () => {
    const { home, told, command } = await openHome();
    mkdirSync(path.join(home.logs, 'pipeline.log'), { recursive: true });
    await expect(withPipelineLog(command(), no)).rejects.toThrow('no');
    expect(told).toEqual([expect.stringContaining('EISDIR')]);
  });
});

test('a run without a command, as in a test of a step, is recorded and not logged', async () => {
  const { home, record } = await openHome();
  expect(await record('etl')).toMatchObject({ step: 'etl' });
  expect(existsSync(home.logs)).toBe(false);
});
