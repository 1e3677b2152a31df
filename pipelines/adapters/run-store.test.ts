import { mkdir, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { homeAt } from './home.ts';
import { latestRun, listRuns, recordRun, runOnce, type RunIntent } from './run-store.ts';

const intent: RunIntent = { step: 'train', model: 'shop', asOf: '2025-03-01', inputs: { mart: 'abc' } };
const found = (result: number) => ({ outcome: 'done' as const, outputs: {}, result });

test('the same work is done once and recorded with what went in', async () => {
  const home = homeAt(await temporaryFolder());
  let times = 0;
  const work = () => Promise.resolve(found((times += 1)));
  const first = await runOnce(home, intent, work);
  expect(first).toMatchObject({ fresh: true, run: { ...intent, result: 1, outcome: 'done' } });
  expect(await runOnce(home, intent, work)).toEqual({
    fresh: false,
    run: JSON.parse(JSON.stringify(first.run)) as unknown,
  });
  expect((await runOnce(home, { ...intent, inputs: { mart: 'abd' } }, work)).run.id).not.toBe(first.run.id);
  expect(times).toBe(2);
});

test('work whose result no longer stands is done again', async () => {
  const home = homeAt(await temporaryFolder());
  await runOnce(home, intent, () => Promise.resolve(found(1)));
  const again = await runOnce(
    home,
    intent,
    () => Promise.resolve(found(2)),
    () => Promise.resolve(false),
  );
  expect(again).toMatchObject({ fresh: true, run: { result: 2 } });
  expect(await listRuns(home, 'shop')).toHaveLength(1);
});

test('work that fails leaves no record', async () => {
  const home = homeAt(await temporaryFolder());
  await expect(runOnce(home, intent, () => Promise.reject(new Error('stumbles')))).rejects.toThrow('stumbles');
  expect(await listRuns(home, 'shop')).toEqual([]);
  await expect(readdir(path.join(home.runs, 'shop'))).rejects.toThrow('ENOENT');
});

test('records that cannot be read are an error, not no records', async () => {
  const home = homeAt(await temporaryFolder());
  expect(await listRuns(home, 'shop')).toEqual([]);
  await mkdir(home.runs);
  await symlink('shop', path.join(home.runs, 'shop'));
  await expect(listRuns(home, 'shop')).rejects.toMatchObject({ code: 'ELOOP' });
});

test('the latest run is of the newest day, and within a day the one made last', async () => {
  const home = homeAt(await temporaryFolder());
  const record = (asOf: string, result: number) =>
    recordRun(home, { ...intent, asOf, inputs: { n: String(result) } }, () => Promise.resolve(found(result)));
  await record('2025-03-02', 1);
  await new Promise((resolve) => setTimeout(resolve, 2));
  await record('2025-03-02', 2);
  await record('2025-03-01', 3);
  expect((await latestRun(home, 'shop', 'train'))?.result).toBe(2);
  expect((await listRuns(home, 'shop', 'train')).map((run) => run.result)).toEqual([3, 1, 2]);
  expect(await latestRun(home, 'shop', 'deliver')).toBeUndefined();
});
