import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { livingModel, NOW, preparedModel, TRAINER, type LivingModel } from '../../tests/support/living-model.ts';
import { listRuns } from '../adapters/run-store.ts';
import { etl } from './etl.ts';
import { promote } from './promote.ts';
import { train } from './train.ts';

const championOf = (living: LivingModel) => living.run(({ registry }) => registry.alias('living', 'champion'));

/** v1 was promoted by a first taste, v2 by a second one. */
const twoChampions = preparedModel(async (living) => {
  await living.turn();
  living.live(8, 'second');
  await living.turn();
});

describe('the challenger that passed', () => {
  test('becomes champion, and its predecessor is named', async () => {
    const living = await twoChampions();
    const [first, second] = await listRuns(living.home, 'living', 'promote');
    expect(first?.result).toEqual({ outcome: 'done', champion: 'v1' });
    expect(second?.result).toEqual({ outcome: 'done', champion: 'v2', former: 'v1' });
    expect(await championOf(living)).toBe('v2');
  });

  test('is promoted once: a second time there is nothing to do', async () => {
    const living = await twoChampions();
    expect(await living.run((context) => promote(context))).toMatchObject({ outcome: 'nothing-to-do', champion: 'v2' });
    expect(await listRuns(living.home, 'living', 'promote')).toHaveLength(2);
  });
});

describe('an older version named by hand', () => {
  test('comes back, and the loop leaves it where it was put', async () => {
    const living = await twoChampions();
    expect(await living.run((context) => promote(context, { version: 'v1' }))).toMatchObject({
      outcome: 'done',
      champion: 'v1',
    });
    const turn = await living.turn();
    expect(turn).toMatchObject({ deliver: { version: 'v1' } });
    expect([turn.promote, await championOf(living)]).toEqual([undefined, 'v1']);
    living.live(1, 'second');
    expect(await living.turn()).toMatchObject({ deliver: { version: 'v1', asOf: '2025-01-21' } });
  });

  test('can go and come again, and is done once each time', async () => {
    const living = await twoChampions();
    const to = (version: string) => living.run((context) => promote(context, { version }));
    await to('v1');
    expect(await to('v1')).toMatchObject({ outcome: 'nothing-to-do' });
    expect(await to('v2')).toMatchObject({ outcome: 'done' });
    expect(await to('v1')).toMatchObject({ outcome: 'done' });
    expect(await championOf(living)).toBe('v1');
  });
});

describe('a judgement that is named', () => {
  test('is carried out once, and what somebody has set back since stays set back', async () => {
    const living = await twoChampions();
    const [, second] = await listRuns(living.home, 'living', 'evaluate');
    const again = () => living.run((context) => promote(context, { judgement: second?.id }));
    expect(await again()).toMatchObject({ outcome: 'nothing-to-do', champion: 'v2' });
    await living.run((context) => promote(context, { version: 'v1' }));
    expect(await again()).toMatchObject({ outcome: 'nothing-to-do' });
    expect(await championOf(living)).toBe('v1');
  });

  test('is not carried out against another champion than it knew', async () => {
    const living = await twoChampions();
    const [, second] = await listRuns(living.home, 'living', 'evaluate');
    // As if the promotion had never come about, and another version had become champion meanwhile.
    for (const { asOf, id } of await listRuns(living.home, 'living', 'promote'))
      await rm(path.join(living.home.runs, 'living', `${asOf}.${id}.json`));
    living.live(4, 'second');
    await living.run(async (context) => {
      const { asOf } = await etl(context, { now: NOW });
      await train(context, asOf);
      await context.registry.setAlias('living', 'champion', 'v3');
    });
    await expect(living.run((context) => promote(context, { judgement: second?.id }))).rejects.toMatchObject({
      code: 'GATE_NOT_PASSED',
      message: 'v2 of living was judged against v1, but the champion is v3 by now.',
    });
    expect(await championOf(living)).toBe('v3');
  });

  test('and is not there is told so', async () => {
    const living = await twoChampions();
    await expect(
      living.run((context) => promote(context, { judgement: 'evaluate-000000000000' })),
    ).rejects.toMatchObject({
      code: 'GATE_NOT_PASSED',
      message: expect.stringContaining('evaluate-000000000000 of living') as string,
    });
  });
});

describe('GATE_NOT_PASSED', () => {
  test('for a challenger that was refused, with the reasons', async () => {
    const living = await twoChampions();
    living.live(4, 'second');
    const refused = await living.turn({ manifest: { trainer: { command: TRAINER, parameters: { model: 'first' } } } });
    expect(refused.evaluate?.decision).toBe('refused');
    await expect(living.run((context) => promote(context))).rejects.toMatchObject({
      code: 'GATE_NOT_PASSED',
      message: expect.stringMatching(/^v3 .* refused \(AUC -/) as string,
    });
    await expect(living.run((context) => promote(context, { version: 'v3' }))).rejects.toMatchObject({
      code: 'GATE_NOT_PASSED',
    });
    expect(await championOf(living)).toBe('v2');
  });

  test('for a version that nobody knows, and before anything was judged', async () => {
    const living = await livingModel();
    await expect(living.run((context) => promote(context))).rejects.toMatchObject({ code: 'GATE_NOT_PASSED' });
    const another = await twoChampions();
    await expect(another.run((context) => promote(context, { version: 'v9' }))).rejects.toMatchObject({
      code: 'GATE_NOT_PASSED',
    });
  });
});
