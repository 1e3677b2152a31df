import { describe, expect, test } from 'vitest';
import type { Scorer } from '../../pipelines/adapters/scorer.ts';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { LoadedModel } from './loaded-model.ts';

const LIMITS = { batchRows: 256, waitingRows: 1000, waitingMs: 1000 };

function open(scores: number[] = [0.5]) {
  const state = { closed: 0 };
  const scorer: Scorer = {
    input: 'features',
    output: 'score',
    score: () => Promise.resolve(Float32Array.from(scores)),
    async close() {
      state.closed += 1;
      await Promise.resolve();
    },
  };
  return {
    state,
    model: new LoadedModel(fakeVersion('shop', 'v1', 'first'), scorer, { loadedAt: new Date(0), limits: LIMITS }),
  };
}

describe('a loaded model', () => {
  test('without users closes as soon as it is retired, and only once', async () => {
    const { model, state } = open();
    await Promise.all([model.retire(), model.retire()]);
    expect(state.closed).toBe(1);
  });

  test('stays open until the last of its users is done', async () => {
    const { model, state } = open();
    const first = Promise.withResolvers<string>();
    const second = Promise.withResolvers<string>();
    const uses = [model.use(() => first.promise), model.use(() => second.promise)];
    const retired = model.retire();
    first.resolve('one');
    await uses[0];
    expect(state.closed).toBe(0);
    second.resolve('two');
    await retired;
    expect(state.closed).toBe(1);
    expect(await Promise.all(uses)).toEqual(['one', 'two']);
  });

  test('closes also when its last user fails', async () => {
    const { model, state } = open();
    const use = model.use(() => Promise.reject(new Error('broken')));
    const retired = model.retire();
    await expect(use).rejects.toThrow('broken');
    await retired;
    expect(state.closed).toBe(1);
  });

  test('does not pass a score on that is no number', async () => {
    const { model } = open([0.5, Number.NaN]);
    await expect(model.score(new Float32Array(4), 2)).rejects.toMatchObject({
      code: 'MODEL_FILE_INVALID',
      message: 'shop v1 scores row 1 as NaN.',
    });
  });
});
