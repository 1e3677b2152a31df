import { expect, test } from 'vitest';
import { fakeRegistry, fakeVersion } from '../../tests/support/fake-registry.ts';
import { loadModel } from './load-model.ts';

/** Loads a version whose model scores a row of zeros so; answers how often the model was closed, too. */
function load(score: () => Promise<Float32Array>) {
  const state = { closed: 0 };
  const close = async () => {
    state.closed += 1;
    await Promise.resolve();
  };
  const scorer = { input: 'features', output: 'score', score, close };
  const sources = {
    ...{ registry: fakeRegistry(), load: () => Promise.resolve(scorer), now: () => new Date(0) },
    limits: { batchRows: 256, waitingRows: 1000, waitingMs: 1000 },
    experiment: (model: string) => Promise.resolve({ name: `of ${model}`, holdoutShare: 0.5 }),
  };
  return { state, loading: loadModel(fakeVersion('shop', 'v1', 'first'), sources) };
}

test('a model that scores zeros within [0, 1] is loaded, and open', async () => {
  const { state, loading } = load(() => Promise.resolve(Float32Array.of(1)));
  expect(await loading).toMatchObject({ version: { model: 'shop', version: 'v1' }, loadedAt: new Date(0) });
  expect((await loading).experiment).toEqual({ name: 'of shop', holdoutShare: 0.5 });
  expect(state.closed).toBe(0);
});

test.each([
  ['a logit', 1.5],
  ['no number', Number.NaN],
  ['nothing', undefined],
])('a model that gives %s is refused, and closed again', async (_, score) => {
  const { state, loading } = load(() => Promise.resolve(Float32Array.from(score === undefined ? [] : [score])));
  await expect(loading).rejects.toMatchObject({
    code: 'MODEL_FILE_INVALID',
    message: `shop v1 scores a row of zeros as ${score}, not in [0, 1].`,
  });
  expect(state.closed).toBe(1);
});

test('a model that cannot score is closed again, and its error is told', async () => {
  const { state, loading } = load(() => Promise.reject(new Error('an operator that it does not know')));
  await expect(loading).rejects.toThrow('an operator that it does not know');
  expect(state.closed).toBe(1);
});
