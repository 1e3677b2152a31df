import { describe, expect, test } from 'vitest';
import { type BatchLimits, MicroBatch } from './micro-batch.ts';

const LIMITS: BatchLimits = { batchRows: 4, waitingRows: 8, waitingMs: 1000 };

/** A batch whose score is twice the row's only feature; `runs` are the rows of each run. */
function open(limits: Partial<BatchLimits> = {}, score = doubled) {
  const runs: number[] = [];
  const told: number[] = [];
  const scorer = {
    async score(features: Float32Array, rows: number) {
      runs.push(rows);
      return await score(features);
    },
  };
  return { runs, told, batch: new MicroBatch(scorer, { ...LIMITS, ...limits }, (rows) => told.push(rows)) };
}

const doubled = async (features: Float32Array) => await Promise.resolve(features.map((value) => 2 * value));
const scores = async (answer: Promise<Float32Array>) => Array.from(await answer);

describe('a micro-batch', () => {
  test('scores what came in one turn of the event loop in one run, each request its own rows', async () => {
    const { batch, runs, told } = open();
    const answers = [[1], [2, 3], [4]].map((rows) => scores(batch.score(Float32Array.from(rows), rows.length)));
    expect(batch.waitingRows).toBe(4);
    expect(await Promise.all(answers)).toEqual([[2], [4, 6], [8]]);
    expect([runs, told, batch.waitingRows]).toEqual([[4], [4], 0]);
  });

  test('is cut at its limit, and a request of more rows is a run of its own', async () => {
    const { batch, runs } = open({ waitingRows: 100 });
    const sizes = [3, 2, 9, 1];
    const answers = sizes.map((size) => scores(batch.score(new Float32Array(size).fill(size), size)));
    expect(await Promise.all(answers)).toEqual(sizes.map((size) => new Array<number>(size).fill(2 * size)));
    expect(runs).toEqual([3, 2, 9, 1]);
  });

  test('gathers the next one while a run lasts', async () => {
    const first = Promise.withResolvers<undefined>();
    const { batch, runs } = open({}, async (features) => {
      if (features[0] === 1) await first.promise;
      return await doubled(features);
    });
    const one = scores(batch.score(Float32Array.of(1), 1));
    await new Promise(setImmediate);
    const more = [2, 3].map((value) => scores(batch.score(Float32Array.of(value), 1)));
    first.resolve(undefined);
    expect(await Promise.all([one, ...more])).toEqual([[2], [4], [6]]);
    expect(runs).toEqual([1, 2]);
  });

  test('refuses at once what would be too much to wait, and goes on', async () => {
    const { batch } = open();
    const first = scores(batch.score(new Float32Array(8), 8));
    await expect(batch.score(new Float32Array(1), 1)).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: '8 rows wait to be scored already.',
    });
    expect(await first).toHaveLength(8);
    expect(await scores(batch.score(Float32Array.of(1), 1))).toEqual([2]);
  });

  test('takes a request above the limit when nobody else waits', async () => {
    const { batch } = open();
    expect(await scores(batch.score(new Float32Array(20), 20))).toHaveLength(20);
  });

  test('does not score what has waited for too long', async () => {
    const { batch, runs } = open({ waitingMs: -1 });
    await expect(batch.score(new Float32Array(1), 1)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'The request has waited for more than -1 ms.',
    });
    expect(runs).toEqual([]);
  });

  test('tells every request of a run that fails, and goes on with the next', async () => {
    let broken = true;
    const { batch, told } = open({}, async (features) => {
      if (broken) throw new Error('no memory');
      return await doubled(features);
    });
    const answers = [1, 2].map((value) => batch.score(Float32Array.of(value), 1));
    await Promise.all(answers.map((answer) => expect(answer).rejects.toThrow('no memory')));
    expect(told).toEqual([]);
    broken = false;
    expect(await scores(batch.score(Float32Array.of(3), 1))).toEqual([6]);
  });
});
