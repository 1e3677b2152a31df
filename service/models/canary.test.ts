import { expect, test } from 'vitest';
import { fakeVersion } from '../../tests/support/fake-registry.ts';
import { Canary, type CanaryOptions, type ScoreWork } from './canary.ts';
import { LoadedModel } from './loaded-model.ts';

function loaded(version: string): LoadedModel {
  const scorer = { input: '', output: '', score: () => Promise.reject(new Error()), close: () => Promise.resolve() };
  const limits = { batchRows: 1, waitingRows: 1, waitingMs: 1 };
  return new LoadedModel(fakeVersion('shop', version, 'first'), scorer, { loadedAt: new Date(0), limits });
}

/** A canary over a champion v1 and a challenger. */
function open(options: Partial<CanaryOptions> & { challenger?: string }) {
  const told: string[] = [];
  const champion = loaded('v1');
  const pair = { champion, challenger: loaded(options.challenger ?? 'v2') };
  const canary = new Canary({
    models: { use: (_, work) => champion.use(work), pair: () => pair },
    share: 0.2,
    onRequest: () => told.push('request'),
    onFailure: (_, error) => told.push(String(error)),
    ...options,
  });
  return { canary, told, pair };
}

const versionOf: ScoreWork<string> = ({ version }, standsFor) =>
  Promise.resolve(standsFor === undefined ? version.version : `${version.version} for ${standsFor.version.version}`);
const entities = Array.from({ length: 2000 }, (_, index) => `c${index}`);

async function chosen({ canary }: ReturnType<typeof open>): Promise<string[]> {
  const answers = await Promise.all(entities.map((entity) => canary.use('shop', versionOf, entity)));
  return entities.filter((_, index) => answers[index] === 'v2 for v1' || answers[index] === 'v3 for v1');
}

test('an entity always meets the same version, and a larger share only adds some', async () => {
  const few = await chosen(open({ share: 0.2 }));
  expect(await chosen(open({ share: 0.2, random: () => 1 }))).toEqual(few);
  const more = new Set(await chosen(open({ share: 0.5 })));
  expect(few.every((entity) => more.has(entity))).toBe(true);
  expect([few.length, more.size].map((count) => Math.round(count / 200))).toEqual([2, 5]);
});

test('another challenger meets other entities', async () => {
  const [second, third] = [await chosen(open({})), new Set(await chosen(open({ challenger: 'v3' })))];
  const both = second.filter((entity) => third.has(entity));
  // A fifth of a fifth by chance.
  expect(both.length).toBeLessThan(second.length / 2);
});

test('without an entity the dice decide', async () => {
  expect(await open({ random: () => 0.19 }).canary.use('shop', versionOf)).toBe('v2 for v1');
  expect(await open({ random: () => 0.2 }).canary.use('shop', versionOf)).toBe('v1');
});

test('without a challenger the champion answers, and nothing is counted', async () => {
  const { canary, told } = open({
    share: 1,
    models: { use: (_, work) => loaded('v1').use(work), pair: () => undefined },
  });
  expect([await canary.use('shop', versionOf), told]).toEqual(['v1', []]);
});

test('where the challenger fails the champion answers, and that is told', async () => {
  const { canary, told } = open({ share: 1 });
  const work: ScoreWork<string> = (model, standsFor) =>
    standsFor === undefined ? versionOf(model) : Promise.reject(new Error('no such feature'));
  expect(await canary.use('shop', work)).toBe('v1');
  expect(told).toEqual(['request', 'Error: no such feature']);
});

test('where both fail the champion’s error counts, and the challenger is not blamed', async () => {
  const { canary, told } = open({ share: 1 });
  const work: ScoreWork<string> = ({ version }) => Promise.reject(new Error(`${version.version} cannot`));
  await expect(canary.use('shop', work)).rejects.toThrow('v1 cannot');
  expect(told).toEqual(['request']);
});
