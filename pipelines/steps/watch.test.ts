import { describe, expect, test } from 'vitest';
import { livingModel, NOW, preparedModel, TRAINER, type LivingModel } from '../../tests/support/living-model.ts';
import { listRuns } from '../adapters/run-store.ts';
import { addDays, daysFrom, type Day } from '../core/days.ts';
import { etl } from './etl.ts';
import { watch } from './watch.ts';

const withChampion = preparedModel((living) => living.turn());

const trainings = async ({ home }: LivingModel): Promise<Day[]> =>
  (await listRuns(home, 'living', 'train')).map((run) => run.asOf);

describe('one batch of news is answered with exactly one retraining', () => {
  test('with a turn each day', async () => {
    const living = await withChampion();
    living.live(9, 'first');
    for (const day of daysFrom('2025-01-13', '2025-01-22')) await living.turn({}, day);
    expect(await trainings(living)).toEqual(['2025-01-12', '2025-01-16', '2025-01-20']);
  });

  test('also after days on which nobody looked', async () => {
    const living = await withChampion();
    living.live(11, 'first');
    const turns = [await living.turn(), await living.turn()];
    expect(turns.map(({ watch: news }) => news.retrain)).toEqual([true, false]);
    expect(await trainings(living)).toEqual(['2025-01-12', '2025-01-23']);
  });

  test('and a training that failed is tried again', async () => {
    const living = await withChampion();
    living.live(4, 'first');
    const failing = { manifest: { trainer: { command: [TRAINER[0] ?? '', '-e', 'process.exit(1)'] } } };
    for (let turn = 0; turn < 2; turn += 1)
      await expect(living.turn(failing)).rejects.toMatchObject({ code: 'TRAINER_CRASHED' });
    expect((await living.turn()).train).toMatchObject({ asOf: '2025-01-16' });
  });
});

test('drift is news out of turn, and is answered once', async () => {
  const living = await withChampion();
  const slow = { manifest: { retrain: { everyDays: 100 } } };
  living.live(9, 'second');
  for (const day of daysFrom('2025-01-13', '2025-01-22')) {
    const turn = await living.turn(slow, day);
    if (turn.train) expect(turn.watch.reason).toMatch(/^Drift, noticed on/);
  }
  expect(await trainings(living)).toHaveLength(2);
});

test('watch only looks: asked twice it answers the same, and the batch has a name', async () => {
  const living = await withChampion();
  living.live(5, 'first');
  await living.run((context) => etl(context, { now: NOW }));
  const ask = () => living.run((context) => watch(context, addDays('2025-01-12', 5)));
  const first = await ask();
  expect(first).toMatchObject({ retrain: true, batch: 'days-2025-01-16', asOf: '2025-01-17' });
  expect(await ask()).toEqual(first);
});

test('a model that was never trained has news', async () => {
  const living = await livingModel({ days: 3 });
  expect(await living.run((context) => watch(context, '2025-01-03'))).toMatchObject({ retrain: true });
});
