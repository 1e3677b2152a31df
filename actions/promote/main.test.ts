import { expect, test } from 'vitest';
import { preparedModel, TRAINER, NOW, type LivingModel } from '../../tests/support/living-model.ts';
import { runAction } from '../../tests/support/run-action.ts';
import { etl } from '../../pipelines/steps/etl.ts';
import { evaluate } from '../../pipelines/steps/evaluate.ts';
import { promote } from '../../pipelines/steps/promote.ts';
import { train } from '../../pipelines/steps/train.ts';

/** v1 is champion, v2 was judged better than v1 and waits to be promoted. */
const judged = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
  living.live(8, 'second');
  await challenge(living);
});

test('a judgement is carried out, once', async () => {
  const living = await judged();
  const judgement = await judgementOf(living);
  const { outputs, summary } = await runAction(living.root, 'promote', { inputs: { judgement } });
  expect(outputs).toEqual({ outcome: 'done', champion: 'v2', former: 'v1' });
  expect(summary).toBe(`### v2 is champion, after v1\n\nJudgement \`${judgement}\`.\n`);
  const again = await runAction(living.root, 'promote', { inputs: { judgement } });
  expect(again.outputs).toEqual({ outcome: 'nothing-to-do', champion: 'v2', former: 'v1' });
});

test('a judgement against another champion than the one of today is not', async () => {
  const living = await judged();
  const judgement = await judgementOf(living);
  living.live(4, 'second');
  await challenge(living);
  await living.run(promote);
  const result = await runAction(living.root, 'promote', { inputs: { judgement } });
  expect([result.status, result.annotations[0]?.properties['title']]).toEqual([2, 'GATE_NOT_PASSED']);
  expect(result.annotations[0]?.message).toMatch(
    /^v2 of living was judged against v1, but the champion is v3 by now\.\nWhat to do: Evaluate it again/,
  );
  expect(await championOf(living)).toBe('v3');
});

test('a refused challenger stays out, with the reasons', async () => {
  const living = await judged();
  await living.run((context) => promote(context));
  await living.writeFolder({ manifest: { trainer: { command: TRAINER, parameters: { model: 'first' } } } });
  expect((await runAction(living.root, 'train')).outputs).toMatchObject({ version: 'v3' });
  const evaluated = await runAction(living.root, 'evaluate');
  // A result: the workflow goes on, and decides.
  expect(evaluated).toMatchObject({
    status: 0,
    outputs: { outcome: 'refused', version: 'v3', champion: 'v2', gain: expect.stringMatching(/^-0\.\d+/) as string },
    annotations: [{ level: 'notice', properties: { title: 'v3 is refused' } }],
  });
  expect(evaluated.annotations[0]?.message).toBe(
    (JSON.parse(evaluated.outputs['reasons'] ?? '') as string[]).join('\n'),
  );
  expect(evaluated.summary).toMatch(/^### Gate: v3 is refused\n[^]*\n- AUC -0\.\d+ .*not better/);
  const inputs = { judgement: evaluated.outputs['judgement'] ?? '' };
  const { status, annotations } = await runAction(living.root, 'promote', { inputs });
  expect([status, annotations[0]?.properties['title']]).toEqual([2, 'GATE_NOT_PASSED']);
  expect(annotations[0]?.message).toMatch(/refused \(AUC -/);
  expect(await championOf(living)).toBe('v2');
});

test('without a judgement nothing is promoted: an empty output of another job is no choice', async () => {
  const living = await judged();
  const { status, annotations } = await runAction(living.root, 'promote');
  expect([status, annotations[0]?.message]).toEqual([2, expect.stringContaining('  judgement: is missing\n')]);
  expect(await championOf(living)).toBe('v1');
});

async function challenge(living: LivingModel): Promise<void> {
  await living.run(async (context) => {
    const { asOf } = await etl(context, { now: NOW });
    await train(context, asOf);
    await evaluate(context);
  });
}

async function judgementOf(living: LivingModel): Promise<string> {
  return (await living.run((context) => evaluate(context, 'v2'))).judgement;
}

async function championOf(living: LivingModel): Promise<string | undefined> {
  return await living.run(({ registry }) => registry.alias('living', 'champion'));
}
