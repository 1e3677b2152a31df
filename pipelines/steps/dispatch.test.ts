import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { preparedModel, type LivingModel } from '../../tests/support/living-model.ts';
import { listRuns } from '../adapters/run-store.ts';
import type { Batch } from '../core/news.ts';
import { dispatchRetraining, type Dispatcher } from './dispatch.ts';

const NEWS: Batch = { retrain: true, reason: 'Drift', batch: 'drift-2025-01-14', newsDay: '2025-01-14' };

const model = preparedModel(() => Promise.resolve(), { days: 1 });

interface FakeDispatcher extends Dispatcher {
  sent: string[];
}

/** Remembers what was sent; `answers` are how the next sends end, after the work was done or before. */
function fakeDispatcher(...answers: ('lost' | 'refused')[]): FakeDispatcher {
  const sent: string[] = [];
  return {
    sent,
    wasSent: (name, batch) => Promise.resolve(sent.includes(`${name} ${batch}`)),
    async send(name, batch) {
      const answer = answers.shift();
      if (answer !== 'refused') sent.push(`${name} ${batch}`);
      await (answer === undefined ? Promise.resolve() : Promise.reject(new Error(answer)));
    },
  };
}

const dispatch = (living: LivingModel, dispatcher: Dispatcher, news = NEWS) =>
  living.run((context) => dispatchRetraining(context, news, dispatcher));

describe('a batch starts one retraining', () => {
  test('however often it is asked for, and the record says on which day it was news', async () => {
    const living = await model();
    const dispatcher = fakeDispatcher();
    const answers = [await dispatch(living, dispatcher), await dispatch(living, dispatcher)];
    expect(answers).toEqual([{ dispatched: true }, { dispatched: false }]);
    expect(dispatcher.sent).toEqual(['living drift-2025-01-14']);
    const [record, ...more] = await listRuns(living.home, 'living', 'dispatch');
    expect(record).toMatchObject({ asOf: '2025-01-14', result: { batch: 'drift-2025-01-14', sent: true } });
    expect(more).toEqual([]);
  });

  test('though the answer was lost: the next run finds it and records it', async () => {
    const living = await model();
    const dispatcher = fakeDispatcher('lost');
    await expect(dispatch(living, dispatcher)).rejects.toThrow('lost');
    expect(await dispatch(living, dispatcher)).toEqual({ dispatched: false });
    expect(dispatcher.sent).toHaveLength(1);
    expect(await listRuns(living.home, 'living', 'dispatch')).toMatchObject([{ result: { sent: false } }]);
  });

  test('though the run was killed before it could record that', async () => {
    const living = await model();
    const dispatcher = fakeDispatcher();
    await dispatch(living, dispatcher);
    const records = path.join(living.home.runs, 'living');
    for (const file of await readdir(records)) await rm(path.join(records, file));
    expect(await dispatch(living, dispatcher)).toEqual({ dispatched: false });
    expect(dispatcher.sent).toHaveLength(1);
  });

  test('after it was refused, with the next run', async () => {
    const living = await model();
    const dispatcher = fakeDispatcher('refused');
    await expect(dispatch(living, dispatcher)).rejects.toThrow('refused');
    expect(await dispatch(living, dispatcher)).toEqual({ dispatched: true });
    expect(dispatcher.sent).toHaveLength(1);
  });

  test('and the next batch another one', async () => {
    const living = await model();
    const dispatcher = fakeDispatcher();
    await dispatch(living, dispatcher);
    const next = { ...NEWS, batch: 'days-2025-01-16', newsDay: '2025-01-16' };
    expect(await dispatch(living, dispatcher, next)).toEqual({ dispatched: true });
    expect(dispatcher.sent).toHaveLength(2);
  });

  test('though two look at once', async () => {
    const living = await model();
    const dispatcher = fakeDispatcher();
    const answers = await Promise.all([dispatch(living, dispatcher), dispatch(living, dispatcher)]);
    expect(answers.filter(({ dispatched }) => dispatched)).toHaveLength(1);
    expect(dispatcher.sent).toHaveLength(1);
  });
});
