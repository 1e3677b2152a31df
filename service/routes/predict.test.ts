import { afterEach, describe, expect, test } from 'vitest';
import { assignArm } from '../../pipelines/core/experiment.ts';
import { type FakeService, type FakeServiceOptions, openFakeService } from '../../tests/support/fake-service.ts';
import type { Prediction } from '../openapi/answers.ts';

const opened: FakeService[] = [];

async function open(options?: FakeServiceOptions): Promise<FakeService> {
  const service = await openFakeService(options);
  opened.push(service);
  return service;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ models }) => models.close()));
});

const row = { orders: 0.5, tier: 'gold' };
const entities = ['c1', 'c2', 'c3', 'c4', 7];
const rows = entities.map((_, index) => ({ ...row, orders: index }));
const armOf = (entity: string | number) => assignArm(String(entity), { name: 'offers', holdoutShare: 0.5 });
const predictionsIn = (body: Record<string, unknown>) => body['predictions'] as Prediction[];

describe('/predict', () => {
  test('gives each row an id of its own, and the arm of its entity', async () => {
    const { post } = await open();
    const { body } = await post('/predict/shop', { rows, entities });
    const predictions = predictionsIn(body);
    expect(new Set(predictions.map(({ id }) => id)).size).toBe(5);
    expect(predictions.map(({ entity, arm }) => ({ entity, arm }))).toEqual(
      entities.map((entity) => ({ entity: String(entity), arm: armOf(entity) })),
    );
    expect(new Set(entities.map(armOf)).size).toBe(2);
  });

  test('takes an answer down as it was given, with what the model saw', async () => {
    const { post, recorded } = await open();
    const { body } = await post('/predict/shop', { row: { orders: 3, tier: 'gold' }, entity: 'c1' });
    const [prediction] = predictionsIn(body);
    expect(recorded.rows).toEqual([
      {
        ...{ model: 'shop', version: 'v1', role: 'answer', requestId: expect.any(String) as string },
        ...{ ids: [prediction?.id], scores: Float32Array.of(prediction?.score ?? 0) },
        ...{ features: Float32Array.of(3, 1), columns: 2, entities: ['c1'], arms: [armOf('c1')] },
      },
    ]);
  });

  test('answers when the record asks it to wait, and fails with it', async () => {
    const { post, recording } = await open();
    const kept = Promise.withResolvers<undefined>();
    recording.answer = () => kept.promise;
    let answered = false;
    const answer = post('/predict/shop', { row }).then((response) => {
      answered = true;
      return response;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    kept.resolve(undefined);
    expect((await answer).status).toBe(200);
    recording.answer = () => Promise.reject(new Error('the disk is gone'));
    expect((await post('/predict/shop', { row })).status).toBe(500);
  });

  test('answers without a record where none is kept, and without arms where the experiment is not known', async () => {
    const { post } = await open({ record: false, experiment: undefined });
    const { body } = await post('/predict/shop', { row, entity: 'c1' });
    expect(predictionsIn(body)).toEqual([
      { id: expect.any(String) as string, score: expect.any(Number) as number, entity: 'c1' },
    ]);
  });
});

describe('/decide', () => {
  test('says to act on those of the treated arm, and to leave the others alone', async () => {
    const { post, recorded } = await open();
    const { status, body } = await post('/decide/shop', { rows, entities });
    expect([status, body]).toEqual([
      200,
      {
        ...{ model: 'shop', version: 'v1', experiment: 'offers' },
        decisions: entities.map((entity) => ({
          ...{ id: expect.any(String) as string, score: expect.any(Number) as number, entity: String(entity) },
          ...{ arm: armOf(entity), act: armOf(entity) === 'treated' },
        })),
      },
    ]);
    expect(recorded.rows).toHaveLength(1);
  });

  test('refuses a row without its entity, and decides nothing without an experiment', async () => {
    const { post, recorded } = await open();
    expect(await post('/decide/shop', { row })).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID' } });
    const without = await open({ experiment: undefined });
    expect(await without.post('/decide/shop', { row, entity: 'c1' })).toMatchObject({
      ...{ status: 409, body: { code: 'EXPERIMENT_MISSING', message: 'The experiment of shop is not known here.' } },
    });
    expect(recorded.rows).toEqual([]);
  });
});

describe('the shadow', () => {
  async function openWithChallenger(fixture: string) {
    const service = await open({ shadowShare: 1 });
    service.registry.add('shop', 'v2', fixture);
    await service.registry.setAlias('shop', 'challenger', 'v2');
    await service.models.refresh();
    return service;
  }
  const metric = async ({ app }: FakeService, name: string) =>
    (await (await app.request('/metrics')).text()).split('\n').find((line) => line.startsWith(name));

  test('has the challenger score the same rows under the same ids, for the record alone', async () => {
    const service = await openWithChallenger('second');
    const { body } = await service.post('/predict/shop', { row });
    await expect.poll(() => service.recorded.rows).toHaveLength(2);
    const [answer, shadow] = service.recorded.rows;
    expect(body['version']).toBe('v1');
    expect(shadow).toMatchObject({ version: 'v2', role: 'shadow', ids: answer?.ids, requestId: answer?.requestId });
    expect(shadow?.scores[0]).toBeCloseTo(1 / (1 + Math.exp(1)), 6);
    expect(await metric(service, 'cleaver_shadow_rows_total')).toBe('cleaver_shadow_rows_total{model="shop"} 1');
  });

  test('that fails is counted, and the answer is none the worse', async () => {
    const service = await openWithChallenger('second');
    service.models.useChallenger = () => Promise.reject(new Error('no memory'));
    expect((await service.post('/predict/shop', { row })).status).toBe(200);
    await expect
      .poll(() => metric(service, 'cleaver_shadow_failures_total'))
      .toBe('cleaver_shadow_failures_total{model="shop"} 1');
    expect(service.recorded.rows).toHaveLength(1);
  });

  test('scores no request beyond its share', async () => {
    const service = await open();
    service.models.useChallenger = () => Promise.reject(new Error('it must not be asked'));
    await service.post('/predict/shop', { row });
    expect(await metric(service, 'cleaver_shadow_failures_total{')).toBeUndefined();
  });
});
