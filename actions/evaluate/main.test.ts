import { expect, test } from 'vitest';
import { preparedModel } from '../../tests/support/living-model.ts';
import { runAction } from '../../tests/support/run-action.ts';

const withChampion = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
});

test('a first version is judged without a champion: its figures, and empty outputs for what there is not', async () => {
  const { root } = await withChampion();
  const { status, outputs, summary, annotations } = await runAction(root, 'evaluate', { inputs: { version: 'v1' } });
  expect([status, annotations]).toEqual([0, []]);
  expect(Object.keys(outputs)).toEqual(['outcome', 'version', 'judgement', 'reasons']);
  expect(outputs).toMatchObject({ outcome: 'promoted', version: 'v1' });
  expect(summary).toMatch(/^### Gate: v1 passed and may become champion\n[^]*\| challenger v1 \| 0\.\d+/);
  expect(summary).not.toContain('| champion');
  expect(summary).toContain('Judged on the days from 2025-01-09 until before 2025-01-11.');
});

test('too little data is a result, said in a notice', async () => {
  const living = await withChampion();
  await living.writeFolder({ manifest: { gate: { minClassRows: 1_000 } } });
  const { status, outputs, annotations } = await runAction(living.root, 'evaluate');
  expect([status, outputs['outcome']]).toEqual([0, 'insufficient-data']);
  expect(annotations).toMatchObject([
    { level: 'notice', message: expect.stringContaining('the gate needs 1000 of each') as string },
  ]);
});

test('a version that was never trained is an error', async () => {
  const { root } = await withChampion();
  const { status, annotations } = await runAction(root, 'evaluate', { inputs: { version: 'v9' } });
  expect([status, annotations[0]?.properties['title']]).toEqual([2, 'TRAINING_DATA_MISSING']);
  expect(annotations[0]?.message).toContain('v9 of living has not been trained yet');
});
