import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowsOfTable } from '../../tests/support/delivered.ts';
import { folderContent } from '../../tests/support/folder-content.ts';
import { NOW, preparedModel, TRAINER, type LivingModel, type ModelChange } from '../../tests/support/living-model.ts';
import { readReport } from '../adapters/report-file.ts';
import { listRuns } from '../adapters/run-store.ts';
import type { StepContext } from './context.ts';
import { loop } from './loop.ts';

/** A champion of the first taste, and eight days of the second that no command has seen yet. */
const beforeNews = preparedModel(async (living) => {
  await living.turn();
  living.live(8, 'second');
});

const WHOLE_TURN = {
  asOf: '2025-01-20',
  etl: { outcome: 'done', featureDays: 8, labelDays: 8 },
  watch: { retrain: true },
  train: { version: 'v2' },
  evaluate: { decision: 'promoted', championVersion: 'v1' },
  promote: { champion: 'v2', former: 'v1' },
  deliver: { version: 'v2', files: 120, table: 120 },
};

let known: ReturnType<typeof stateOf> | undefined;
/** What an undisturbed turn leaves. */
const undisturbed = () => (known ??= beforeNews().then(async (living) => (await living.turn(), await stateOf(living))));

test('a turn goes from news to a delivery by the new champion', async () => {
  const living = await beforeNews();
  expect(await living.turn()).toMatchObject(WHOLE_TURN);
  expect(await stateOf(living)).toEqual(await undisturbed());
});

test('a second turn finds nothing to do and changes no file', async () => {
  const living = await beforeNews();
  await living.turn();
  const before = await folderContent(living.home.root);
  const { train, evaluate, promote, ...turn } = await living.turn();
  expect([train, evaluate, promote]).toEqual([undefined, undefined, undefined]);
  expect(turn).toMatchObject({
    etl: { outcome: 'nothing-to-do' },
    watch: { retrain: false },
    deliver: { version: 'v2' },
  });
  expect(await folderContent(living.home.root)).toEqual(before);
});

test('a first model that does not pass is not delivered, and the turn says why', async () => {
  const living = await beforeNews();
  await rm(living.home.root, { recursive: true });
  const turn = await living.turn({ manifest: { gate: { minClassRows: 1_000 } } });
  expect(turn).toMatchObject({ train: { version: 'v1' }, evaluate: { decision: 'insufficient-data' } });
  expect([turn.promote, turn.deliver]).toEqual([undefined, undefined]);
  expect(await folderContent(living.home.deliveries)).toEqual({});
});

describe('killed on the way and turned again, the loop leaves what an undisturbed turn leaves: after', () => {
  test.each<[string, 'mart' | 'registry', string, number]>([
    ['the rows are taken in', 'mart', 'stage', 1],
    ['some days of features', 'mart', 'buildFeatures', 3],
    ['the training files are written', 'mart', 'exportTraining', 1],
    ['the challenger is registered', 'registry', 'register', 1],
    ['the new champion is set', 'registry', 'setAlias', 2],
  ])('%s', async (_, part, method, nth) => {
    const living = await beforeNews();
    const killed = living.run((context) => loop(killedAfter(context, part, method, nth), { now: NOW }));
    await expect(killed).rejects.toThrow('killed');
    await living.turn();
    expect(await stateOf(living)).toEqual(await undisturbed());
  });

  test.each<[string, readonly string[], string | undefined]>([
    ['the delivery, before its record', ['deliver'], undefined],
    ['the promotion, before its record', ['deliver', 'promote'], undefined],
    ['the judgement, before its promotion', ['deliver', 'promote'], 'v1'],
    ['the training, before its judgement', ['deliver', 'promote', 'evaluate'], 'v1'],
    ['the registration, before its record', ['deliver', 'promote', 'evaluate', 'train'], 'v1'],
  ])('%s', async (_, steps, champion) => {
    const living = await beforeNews();
    await living.turn();
    const runs = path.join(living.home.runs, 'living');
    const lost = (await readdir(runs)).filter((file) => steps.some((step) => file.startsWith(`2025-01-20.${step}-`)));
    expect(lost).toHaveLength(steps.length);
    await Promise.all(lost.map((file) => rm(path.join(runs, file))));
    if (champion) await writeFile(path.join(living.home.registry, 'living', 'aliases', 'champion'), `${champion}\n`);
    await living.turn();
    expect(await stateOf(living)).toEqual(await undisturbed());
  });

  test('a report that was not written', async () => {
    const living = await beforeNews();
    await living.turn();
    const file = path.join(living.home.reports, 'living.json');
    const before = await readFile(file, 'utf8');
    await rm(living.home.reports, { recursive: true });
    await living.turn();
    expect(await readFile(file, 'utf8')).toBe(before);
  });
});

test('a trainer that fails once costs nothing but a turn', async () => {
  const living = await beforeNews();
  const failsOnce = `import { existsSync, writeFileSync } from 'node:fs'; const mark = '${living.root}/failed';
    if (!existsSync(mark)) { writeFileSync(mark, ''); process.exit(1); } await import('${TRAINER[1] ?? ''}');`;
  const command = [TRAINER[0] ?? '', '--input-type=module', '-e', failsOnce];
  const change: ModelChange = { manifest: { trainer: { command } } };
  await expect(living.turn(change)).rejects.toMatchObject({ code: 'TRAINER_CRASHED' });
  expect(await living.turn(change)).toMatchObject({ ...WHOLE_TURN, etl: { outcome: 'nothing-to-do' } });
  const { table } = await undisturbed();
  const runId = (await listRuns(living.home, 'living', 'deliver')).at(-1)?.id ?? '';
  expect(rowsOfTable(living.home, 'living')).toEqual(table.map((row) => ({ ...row, run_id: runId })));
});

test('of a challenger and a champion that both fail, the first is thrown and the other is told', async () => {
  const living = await beforeNews();
  const command = [TRAINER[0] ?? '', '-e', 'process.exit(3)'];
  const objects = path.join(living.home.registry, 'living', 'objects');
  for (const file of await readdir(objects)) await writeFile(path.join(objects, file), 'something else');
  const told: string[] = [];
  const turn = living.run((context) => loop({ ...context, onProgress: (text) => void told.push(text) }, { now: NOW }), {
    manifest: { trainer: { command } },
  });
  await expect(turn).rejects.toMatchObject({ code: 'TRAINER_CRASHED' });
  expect(told.at(-1)).toMatch(/^the champion's scores were not delivered either: .*should have the hash/);
});

/** All that a turn leaves, by content. Records of etl say how the days were taken in, which may be in two goes. */
async function stateOf(living: LivingModel) {
  const files = Object.entries(await folderContent(living.home.root));
  const runs = await listRuns(living.home, 'living', 'train', 'evaluate', 'promote', 'deliver');
  return {
    placed: Object.fromEntries(files.filter(([file]) => /\.(parquet|csv)$|^registry\//.test(file))),
    unplaced: files.map(([file]) => file).filter((file) => /^work\/|\.(tmp|wal)$/.test(file)),
    runs: runs.map(({ id, asOf, outcome, outputs }) => ({ id, asOf, outcome, outputs })),
    report: await readReport(living.home, 'living'),
    table: rowsOfTable(living.home, 'living'),
  };
}

/** A context that dies when the nth call of a method has done its work: from then on nothing of it answers. */
function killedAfter(context: StepContext, part: string, method: string, nth: number): StepContext {
  let calls = 0;
  let dead = false;
  const mortal = <Adapter extends object>(name: string, adapter: Adapter): Adapter =>
    new Proxy(adapter, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]): Promise<unknown> => {
          if (dead) throw new Error('killed');
          const result: unknown = await Reflect.apply(value, target, given);
          if (name === part && key === method) calls += 1;
          if (calls < nth) return result;
          dead = true;
          throw new Error('killed');
        };
      },
    });
  return {
    ...context,
    mart: mortal('mart', context.mart),
    registry: mortal('registry', context.registry),
  };
}
