import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadScorer, type Scorer } from '../../pipelines/adapters/scorer.ts';
import { fakeRegistry } from '../../tests/support/fake-registry.ts';
import { type ModelEvent, ServedModels, type ServedModelsOptions } from './served-models.ts';

const opened: ServedModels[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((models) => models.close()));
});

function open(load: ServedModelsOptions['load'] = loadScorer, challengers = false) {
  const registry = fakeRegistry();
  const events: ModelEvent[] = [];
  const models = new ServedModels({
    ...{ registry, load, challengers, now: () => new Date(0), onEvent: (event) => events.push(event) },
    limits: { batchRows: 256, waitingRows: 1000, waitingMs: 1000 },
    experiment: () => Promise.resolve(undefined),
  });
  opened.push(models);
  registry.add('shop', 'v1', 'first');
  return { registry, events, models };
}

const versionServed = (models: ServedModels) => models.use('shop', (loaded) => Promise.resolve(loaded.version.version));

describe('served models', () => {
  test('a promoted version takes over, and the event names the one it replaced', async () => {
    const { registry, models, events } = open();
    registry.add('shop', 'v2', 'second');
    await registry.promote('shop', 'v1');
    await models.refresh();
    expect(await versionServed(models)).toBe('v1');
    await registry.promote('shop', 'v2');
    await models.refresh();
    expect(await versionServed(models)).toBe('v2');
    expect(events).toMatchObject([{ kind: 'loaded' }, { kind: 'loaded', replaced: 'v1', version: { version: 'v2' } }]);
  });

  test.each([
    ['a file that takes other features', 'wide', 'MODEL_FILE_INVALID'],
    ['a model that gives no probabilities', 'logit', 'MODEL_FILE_INVALID'],
    ['a version that the registry does not have', undefined, 'REGISTRY_VERSION_UNKNOWN'],
  ])('%s leaves the last good version in place', async (_, fixture, code) => {
    const { registry, models, events } = open();
    await registry.promote('shop', 'v1');
    await models.refresh();
    if (fixture !== undefined) registry.add('shop', 'v2', fixture);
    await registry.promote('shop', 'v2');
    await models.refresh();
    expect(await versionServed(models)).toBe('v1');
    expect(models.statuses()).toMatchObject([{ model: 'shop', serving: { version: 'v1' }, problem: { code } }]);
    expect(events.at(-1)).toMatchObject({ kind: 'load-failed', champion: 'v2', serving: 'v1', error: { code } });
    await registry.promote('shop', 'v1');
    await models.refresh();
    expect(models.statuses()).toMatchObject([{ problem: undefined }]);
  });

  test('are starting until the registry has been read to its end once', async () => {
    const { registry, models } = open();
    registry.broken = new Error('the disk is gone');
    await models.refresh();
    expect(models.isStarting).toBe(true);
    registry.broken = undefined;
    await models.refresh();
    expect(models.isStarting).toBe(false);
  });

  test('a model without a champion is known but not served', async () => {
    const { models } = open();
    await models.refresh();
    await expect(versionServed(models)).rejects.toMatchObject({ code: 'CHAMPION_MISSING' });
    expect(models.statuses()).toMatchObject([{ model: 'shop', serving: undefined }]);
  });

  test('a model that the registry does not have is refused by name', async () => {
    const { models } = open();
    await models.refresh();
    const asked = models.use('shoe', () => Promise.resolve(1));
    await expect(asked).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      hint: expect.stringContaining('shop') as string,
    });
  });

  test('a version that is not the champion is refused, with the one that is', async () => {
    const { registry, models } = open();
    await registry.promote('shop', 'v1');
    await models.refresh();
    await expect(models.use('shop', () => Promise.resolve(1), 'v9')).rejects.toMatchObject({
      code: 'REGISTRY_VERSION_UNKNOWN',
      message: 'shop "v9" is not served; v1 is.',
    });
    expect(models.versions('shop')).toEqual(['v1']);
    expect(models.versions('shoe')).toEqual([]);
  });

  describe('with challengers', () => {
    const ask = (models: ServedModels, version?: string) =>
      models.use('shop', (loaded) => Promise.resolve(loaded.version.version), version);

    /** v1 is champion, v2 the challenger; both are open. */
    async function openBoth(load: ServedModelsOptions['load'] = loadScorer) {
      const opened = open(load, true);
      opened.registry.add('shop', 'v2', 'second');
      await opened.registry.promote('shop', 'v1');
      await opened.registry.setAlias('shop', 'challenger', 'v2');
      await opened.models.refresh();
      return opened;
    }

    test('the challenger answers those who ask for it, and the champion everybody else', async () => {
      const { models, events } = await openBoth();
      expect([await ask(models), await ask(models, 'v1'), await ask(models, 'v2')]).toEqual(['v1', 'v1', 'v2']);
      expect(models.versions('shop')).toEqual(['v1', 'v2']);
      expect(models.statuses()).toMatchObject([{ serving: { version: 'v1' }, challenger: 'v2' }]);
      expect(events.at(-1)).toMatchObject({ kind: 'challenger-loaded', version: { version: 'v2' } });
      await expect(ask(models, 'v3')).rejects.toMatchObject({ message: 'shop "v3" is not served; v1 and v2 are.' });
      const used: string[] = [];
      await models.useChallenger('shop', async ({ version }) => {
        await Promise.resolve(used.push(version.version));
      });
      await models.useChallenger('shoe', () => Promise.reject(new Error('there is none')));
      expect(used).toEqual(['v2']);
    });

    test('one that is promoted takes over without being loaded again, and the former champion is closed', async () => {
      const loads: string[] = [];
      const closed: string[] = [];
      const { models, registry } = await openBoth(async (file, featureCount) => {
        const name = path.basename(file);
        loads.push(name);
        return { ...(await loadScorer(file, featureCount)), close: () => Promise.resolve(void closed.push(name)) };
      });
      await registry.promote('shop', 'v2');
      await models.refresh();
      expect(await ask(models)).toBe('v2');
      expect(models.versions('shop')).toEqual(['v2']);
      expect([loads, closed]).toEqual([['first.onnx', 'second.onnx'], ['first.onnx']]);
      await models.close();
      expect(closed).toEqual(['first.onnx', 'second.onnx']);
    });

    test('a newer one replaces it; one that does not load is told of, and changes nothing', async () => {
      const { models, registry, events } = await openBoth();
      registry.add('shop', 'v3', 'first');
      await registry.setAlias('shop', 'challenger', 'v3');
      await models.refresh();
      expect(models.versions('shop')).toEqual(['v1', 'v3']);
      registry.add('shop', 'v4', 'wide');
      await registry.setAlias('shop', 'challenger', 'v4');
      await models.refresh();
      expect(models.versions('shop')).toEqual(['v1', 'v3']);
      expect(models.statuses()).toMatchObject([{ problem: undefined }]);
      expect(events.at(-1)).toMatchObject({
        ...{ kind: 'challenger-failed', model: 'shop', challenger: 'v4', error: { code: 'MODEL_FILE_INVALID' } },
      });
    });

    test('both are closed when the model is removed', async () => {
      let closed = 0;
      const { models, registry } = await openBoth(async (file, featureCount) => ({
        ...(await loadScorer(file, featureCount)),
        close: () => Promise.resolve(void (closed += 1)),
      }));
      registry.remove('shop');
      await models.refresh();
      expect(closed).toBe(2);
    });
  });

  test('a registry that cannot be read changes nothing that is served', async () => {
    const { registry, models, events } = open();
    await registry.promote('shop', 'v1');
    await models.refresh();
    registry.broken = new Error('the disk is gone');
    await models.refresh();
    expect(await versionServed(models)).toBe('v1');
    expect(models.registryProblem).toBe(registry.broken);
    expect(events.at(-1)).toEqual({ kind: 'registry-failed', error: registry.broken });
    registry.broken = undefined;
    await models.refresh();
    expect(models.registryProblem).toBeUndefined();
  });

  test('a model removed from the registry is served no more', async () => {
    const { registry, models, events } = open();
    await registry.promote('shop', 'v1');
    await models.refresh();
    registry.remove('shop');
    await models.refresh();
    await expect(versionServed(models)).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
    expect(events.at(-1)).toEqual({ kind: 'removed', model: 'shop', version: 'v1' });
  });

  test('a promotion during a load is served right after it', async () => {
    const gate = Promise.withResolvers<undefined>();
    let loads = 0;
    const { registry, models } = open(async (file, featureCount) => {
      loads += 1;
      if (loads === 1) await gate.promise;
      return await loadScorer(file, featureCount);
    });
    registry.add('shop', 'v2', 'second');
    await registry.promote('shop', 'v1');
    const refreshed = models.refresh();
    await registry.promote('shop', 'v2');
    gate.resolve(undefined);
    await refreshed;
    expect(await versionServed(models)).toBe('v2');
    expect(loads).toBe(2);
  });

  test('a request that runs during the swap ends on the version it began with, which is open until then', async () => {
    const { registry, models } = open();
    registry.add('shop', 'v2', 'second');
    await registry.promote('shop', 'v1');
    await models.refresh();
    const swapped = Promise.withResolvers<undefined>();
    const running = models.use('shop', async (loaded) => {
      await swapped.promise;
      return { version: loaded.version.version, scores: [...(await loaded.score(new Float32Array([0, 0]), 1))] };
    });
    await registry.promote('shop', 'v2');
    await models.refresh();
    expect(await versionServed(models)).toBe('v2');
    swapped.resolve(undefined);
    expect(await running).toEqual({ version: 'v1', scores: [0.5] });
  });

  test('a version that does not close is told of and holds nothing up', async () => {
    const { registry, models, events } = open(async (file, featureCount) => ({
      ...(await loadScorer(file, featureCount)),
      close: () => Promise.reject(new Error('busy')),
    }));
    await registry.promote('shop', 'v1');
    await models.refresh();
    await models.close();
    expect(events).toContainEqual({ kind: 'close-failed', model: 'shop', version: 'v1', error: new Error('busy') });
  });

  test('closing waits for the requests that run, and closes every model', async () => {
    const closed: string[] = [];
    const fake = (file: string): Scorer => ({
      input: 'features',
      output: 'score',
      score: () => Promise.resolve(Float32Array.of(0.5)),
      close: () => Promise.resolve(void closed.push(file)),
    });
    const { registry, models } = open((file) => Promise.resolve(fake(file)));
    await registry.promote('shop', 'v1');
    await models.refresh();
    const request = Promise.withResolvers<string>();
    const running = models.use('shop', () => request.promise);
    const closing = models.close();
    expect(closed).toEqual([]);
    request.resolve('done');
    await closing;
    expect(await running).toBe('done');
    expect(closed).toHaveLength(1);
  });
});
