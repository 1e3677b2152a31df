import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { idsOf, quickRecorder, recorded, recordFiles, scoredRows } from '../../tests/support/recorded.ts';
import { canMountDisks, smallDisk } from '../../tests/support/small-disk.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { noRecorder, openRecorder } from './recorder.ts';

const UNAVAILABLE = (why: string) => ({
  code: 'RECORD_UNAVAILABLE',
  message: expect.stringContaining(why) as string,
});
const NEVER = 60_000;
/** A busy machine is slow to sync. */
const SOON = { timeout: 10_000 };

/** A folder for a record, whose parent can be moved away, so that no file can be made in it. */
async function recordFolder() {
  const root = await temporaryFolder();
  const folder = path.join(root, 'state', 'predictions');
  return {
    folder,
    moveAway: () => rename(path.join(root, 'state'), path.join(root, 'away')),
    bringBack: () => rename(path.join(root, 'away'), path.join(root, 'state')),
  };
}

describe.each(['always', 'interval', 'never'] as const)('with the policy %s', (fsync) => {
  test('rows and outcomes are in a finished file after it has closed', async () => {
    const folder = await temporaryFolder();
    const recorder = await quickRecorder(folder, { fsync, flushMs: NEVER }, { now: () => new Date(1e12) });
    await recorder.record(scoredRows(['a', 'b'], { entities: ['c1', undefined] }));
    await recorder.record(scoredRows(['a'], { role: 'shadow', version: 'v2' }));
    await recorder.outcomes([{ id: 'a', label: 1 }], 'later');
    await recorder.close();
    const time = '2001-09-09T01:46:40.000Z';
    expect((await recorded(folder)).lines).toMatchObject([
      { kind: 'prediction', id: 'a', time, model: 'shop', version: 'v1', role: 'answer', score: 0, entity: 'c1' },
      { kind: 'prediction', id: 'b', time, score: 0.25, values: expect.stringMatching(/^[\w+/]+=*$/) as string },
      { kind: 'prediction', id: 'a', version: 'v2', role: 'shadow' },
      { kind: 'outcome', id: 'a', time, requestId: 'later', label: 1 },
    ]);
    expect(await recordFiles(folder)).toEqual([
      expect.stringMatching(/^2001-09-09T01-46-40\.000Z-\d+-[0-9a-f]{8}\.w0\.ndjson$/),
    ]);
    expect(recorder.state).toEqual({ written: 4, dropped: 0, waitingBytes: 0, files: 1, problem: undefined });
  });

  test('a request of many rows is taken down whole, others get their turn meanwhile', async () => {
    const folder = await temporaryFolder();
    const recorder = await quickRecorder(folder, { fsync });
    const many = recorder.record(scoredRows(idsOf(2000)));
    await nextTurn();
    const bytesAfterOneTurn = recorder.state.waitingBytes;
    const next = recorder.record(scoredRows(['single']));
    await Promise.all([many, next]);
    await recorder.close();
    const { ids } = await recorded(folder);
    expect(new Set(ids)).toEqual(new Set([...idsOf(2000), 'single']));
    expect([ids.length, recorder.state.written]).toEqual([2001, 2001]);
    expect(bytesAfterOneTurn).toBeLessThan(2000 * 100);
  });

  test('files are finished when they are large, and no row is lost or twice', async () => {
    const folder = await temporaryFolder();
    const recorder = await quickRecorder(folder, { fsync, maxFileBytes: 2000 });
    for (let request = 0; request < 20; request += 1) {
      await recorder.record(scoredRows(idsOf(10, `${request}-`)));
      await expect.poll(() => recorder.state.waitingBytes, SOON).toBe(0);
    }
    await recorder.close();
    expect((await recordFiles(folder)).length).toBeGreaterThan(5);
    expect(recorder.state.files).toBe((await recordFiles(folder)).length);
    const { ids } = await recorded(folder);
    expect(ids.sort()).toEqual(
      Array.from({ length: 20 }, (_, request) => idsOf(10, `${request}-`))
        .flat()
        .sort(),
    );
  });

  test('a file is finished when it is old, and the next row is in a new one', async () => {
    const folder = await temporaryFolder();
    const recorder = await quickRecorder(folder, { fsync, maxFileSeconds: 0.02 });
    await recorder.record(scoredRows(['a']));
    await expect.poll(() => recordFiles(folder), SOON).toEqual([expect.stringMatching(/\.ndjson$/)]);
    await recorder.record(scoredRows(['b']));
    await recorder.close();
    expect((await recorded(folder)).ids).toEqual(['a', 'b']);
    expect(await recordFiles(folder)).toHaveLength(2);
  });

  test('nothing to record leaves no file', async () => {
    const folder = await temporaryFolder();
    const recorder = await quickRecorder(folder, { fsync });
    expect(recorder.record(scoredRows([]))).toBeUndefined();
    expect(recorder.outcomes([], 'request')).toBeUndefined();
    await recorder.close();
    await recorder.close();
    expect(await recordFiles(folder)).toEqual([]);
  });
});

test('with `always` a row is in its file when the promise settles', async () => {
  const folder = await temporaryFolder();
  const recorder = await quickRecorder(folder, { fsync: 'always', flushMs: NEVER });
  for (const id of ['a', 'b', 'c']) {
    await recorder.record(scoredRows([id]));
    expect((await recorded(folder)).ids).toContain(id);
  }
  await recorder.close();
});

test('with `always` rows of many requests are written together', async () => {
  const folder = await temporaryFolder();
  const recorder = await quickRecorder(folder, { fsync: 'always', maxFileBytes: 1 });
  await Promise.all(idsOf(100).map(async (id) => await recorder.record(scoredRows([id]))));
  await recorder.close();
  // A file is finished after each write.
  expect(recorder.state).toMatchObject({ written: 100, files: 1 });
});

test.each(['interval', 'never'] as const)('with `%s` no answer waits, and rows are written soon', async (fsync) => {
  const folder = await temporaryFolder();
  const recorder = await quickRecorder(folder, { fsync });
  expect(recorder.record(scoredRows(['a']))).toBeUndefined();
  expect(recorder.record(scoredRows(idsOf(1000)))).toBeUndefined();
  expect(recorder.outcomes([{ id: 'a', value: 2 }], 'later')).toBeUndefined();
  await expect.poll(async () => (await recorded(folder)).lines.length, SOON).toBe(1002);
  expect(await recordFiles(folder)).toEqual([expect.stringMatching(/\.open$/)]);
  await recorder.close();
});

test('a page that is full is written at once', async () => {
  const folder = await temporaryFolder();
  const recorder = await quickRecorder(folder, { flushMs: NEVER });
  for (const id of idsOf(500)) void recorder.record(scoredRows([id]));
  await expect.poll(() => recorder.state.written, SOON).toBeGreaterThan(200);
  await recorder.close();
});

test('without settings nothing is recorded', async () => {
  const folder = path.join(await temporaryFolder(), 'predictions');
  const recorder = await openRecorder({ folder, settings: undefined });
  expect(recorder).toBe(noRecorder);
  expect(recorder.record(scoredRows(['a']))).toBeUndefined();
  expect(recorder.outcomes([{ id: 'a', label: 0 }], 'request')).toBeUndefined();
  await recorder.close();
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
});

test('two recorders in a folder write files of their own', async () => {
  const folder = await temporaryFolder();
  const recorders = [await quickRecorder(folder), await quickRecorder(folder)];
  for (const [index, recorder] of recorders.entries()) void recorder.record(scoredRows([`of ${index}`]));
  await Promise.all(recorders.map((recorder) => recorder.close()));
  expect((await recorded(folder)).ids.sort()).toEqual(['of 0', 'of 1']);
  const files = await recordFiles(folder);
  expect(files.map((name) => /\.w\d\./.exec(name)?.[0]).sort()).toEqual(['.w0.', '.w1.']);
});

test('a folder that cannot be made is STATE_UNWRITABLE', async () => {
  const file = path.join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  await expect(quickRecorder(path.join(file, 'predictions'))).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
});

describe('when more waits than may', () => {
  test('further rows are dropped and counted, and the trouble is told once; later ones are taken again', async () => {
    const folder = await temporaryFolder();
    const problems: unknown[] = [];
    const onProblem = (error: unknown) => problems.push(error);
    const recorder = await quickRecorder(folder, { maxWaitingBytes: 1000 }, { onProblem });
    for (const id of idsOf(20)) void recorder.record(scoredRows([id]));
    void recorder.outcomes([{ id: 'a', label: 1 }], 'later');
    const { dropped, problem } = recorder.state;
    expect(dropped).toBeGreaterThan(10);
    expect(problem).toMatchObject(UNAVAILABLE('bytes wait already'));
    expect(problems).toEqual([problem]);
    await expect.poll(() => recorder.state.problem, SOON).toBeUndefined();
    void recorder.record(scoredRows(['late']));
    await recorder.close();
    expect(recorder.state).toMatchObject({ dropped, written: 22 - dropped, problem: undefined });
    expect((await recorded(folder)).ids).toEqual([...idsOf(21 - dropped), 'late']);
  });

  test('the rest of a large request is dropped', async () => {
    const folder = await temporaryFolder();
    const recorder = await quickRecorder(folder, { maxWaitingBytes: 1000 });
    void recorder.record(scoredRows(idsOf(10_000)));
    await recorder.close();
    const { written, dropped } = recorder.state;
    expect(written).toBeGreaterThanOrEqual(256);
    expect(written + dropped).toBe(10_000);
    expect(dropped).toBeGreaterThan(0);
  });

  test('with `always` the promise rejects with RECORD_UNAVAILABLE', async () => {
    const recorder = await quickRecorder(await temporaryFolder(), { fsync: 'always', maxWaitingBytes: 300 });
    const [first, second, third] = ['a', 'b', 'c'].map((id) => recorder.record(scoredRows([id])));
    await expect(third).rejects.toMatchObject(UNAVAILABLE('bytes wait already'));
    await Promise.all([first, second]);
    await recorder.close();
    expect(recorder.state).toMatchObject({ written: 2, dropped: 0 });
  });
});

describe('when no file can be made', () => {
  test('rows wait, the trouble is told once, and they are written when it is over', async () => {
    const { folder, moveAway, bringBack } = await recordFolder();
    const problems: unknown[] = [];
    const recorder = await quickRecorder(folder, {}, { onProblem: (error) => problems.push(error) });
    await moveAway();
    void recorder.record(scoredRows(['a']));
    await expect.poll(() => recorder.state.problem, SOON).toBeInstanceOf(CleaverError);
    void recorder.record(scoredRows(['b']));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(problems).toMatchObject([{ ...UNAVAILABLE('ENOENT'), cause: { code: 'ENOENT' } }]);
    await bringBack();
    await expect.poll(() => recorder.state.problem, SOON).toBeUndefined();
    await recorder.close();
    expect((await recorded(folder)).ids).toEqual(['a', 'b']);
    expect(recorder.state).toMatchObject({ written: 2, dropped: 0 });
    expect(problems).toHaveLength(1);
  });

  test('with `always` promises reject, at once until the next try, and it comes back by itself', async () => {
    const { folder, moveAway, bringBack } = await recordFolder();
    const recorder = await quickRecorder(folder, { fsync: 'always' }, { retryMs: 50 });
    await moveAway();
    const [first, many] = [recorder.record(scoredRows(['a'])), recorder.record(scoredRows(idsOf(1000, 'many')))];
    await expect(first).rejects.toMatchObject({ ...UNAVAILABLE('ENOENT'), cause: { code: 'ENOENT' } });
    await expect(many).rejects.toMatchObject(UNAVAILABLE('ENOENT'));
    await expect(recorder.record(scoredRows(['b']))).rejects.toBe(recorder.state.problem);
    expect(recorder.state.waitingBytes).toBe(0);
    await bringBack();
    await expect.poll(() => recorder.state.problem, SOON).toBeUndefined();
    await recorder.record(scoredRows(['c']));
    await recorder.close();
    expect((await recorded(folder)).ids).toEqual(['c']);
    expect(recorder.state.dropped).toBe(0);
  });

  test('what waits still as it closes is counted as dropped', async () => {
    const { folder, moveAway } = await recordFolder();
    const problems: unknown[] = [];
    const recorder = await quickRecorder(folder, {}, { onProblem: (error) => problems.push(error), retryMs: NEVER });
    await moveAway();
    void recorder.record(scoredRows(['a', 'b']));
    await recorder.close();
    expect(recorder.state).toMatchObject({ written: 0, dropped: 2, waitingBytes: 0 });
    expect(problems).toMatchObject([UNAVAILABLE('ENOENT')]);
  });

  test('what waits is written as it closes, when it can be again', async () => {
    const { folder, moveAway, bringBack } = await recordFolder();
    const recorder = await quickRecorder(folder, {}, { retryMs: NEVER });
    await moveAway();
    void recorder.record(scoredRows(['a']));
    await expect.poll(() => recorder.state.problem, SOON).toBeDefined();
    await bringBack();
    await recorder.close();
    expect((await recorded(folder)).ids).toEqual(['a']);
  });
});

describe('after it has closed', () => {
  test('rows are dropped and counted', async () => {
    const folder = await temporaryFolder();
    const recorder = await quickRecorder(folder);
    await recorder.close();
    expect(recorder.record(scoredRows(['a', 'b']))).toBeUndefined();
    expect(recorder.state).toMatchObject({ dropped: 2, problem: UNAVAILABLE('it is closed') });
    expect(await recordFiles(folder)).toEqual([]);
  });

  test('with `always` promises reject', async () => {
    const recorder = await quickRecorder(await temporaryFolder(), { fsync: 'always' });
    await recorder.close();
    await expect(recorder.record(scoredRows(['a']))).rejects.toMatchObject(UNAVAILABLE('it is closed'));
  });
});

// Disks are mounted by root only.
describe.skipIf(!canMountDisks())('on a full disk', () => {
  async function onSmallDisk() {
    const disk = await smallDisk(4);
    const folder = path.join(disk.folder, 'predictions');
    await mkdir(folder);
    return { disk, folder };
  }

  test('rows wait, no line is left torn, and all are written once when there is room', async () => {
    const { disk, folder } = await onSmallDisk();
    const problems: unknown[] = [];
    const recorder = await quickRecorder(folder, {}, { onProblem: (error) => problems.push(error) });
    void recorder.record(scoredRows(idsOf(100, 'early')));
    await expect.poll(() => recorder.state.waitingBytes, SOON).toBe(0);
    await disk.fillUpTo(100_000);
    void recorder.record(scoredRows(idsOf(2000)));
    await expect.poll(() => recorder.state.problem, SOON).toBeDefined();
    // It tries in vain meanwhile, and tidies up after itself: looked at between two tries.
    await expect.poll(() => recorder.state.files, SOON).toBeGreaterThan(4);
    await expect.poll(() => recorded(folder), SOON).toMatchObject({ torn: 0 });
    await expect.poll(async () => (await recordFiles(folder)).length, SOON).toBeLessThan(3);
    expect(problems).toMatchObject([{ ...UNAVAILABLE('No room left'), cause: { code: 'ENOSPC' } }]);
    await disk.empty();
    await expect.poll(() => recorder.state.problem, SOON).toBeUndefined();
    await recorder.close();
    const { ids, torn } = await recorded(folder);
    expect([...ids].sort()).toEqual([...idsOf(100, 'early'), ...idsOf(2000)].sort());
    expect([torn, recorder.state.dropped, problems.length]).toEqual([0, 0, 1]);
  });

  test('with `always` nothing of a request that is rejected is there, and all of one that is not', async () => {
    const { disk, folder } = await onSmallDisk();
    const recorder = await quickRecorder(folder, { fsync: 'always' });
    await recorder.record(scoredRows(['early']));
    await disk.fillUpTo(8192);
    const rejected = recorder.record(scoredRows(idsOf(200)));
    await expect(rejected).rejects.toMatchObject({ ...UNAVAILABLE('No room left'), cause: { code: 'ENOSPC' } });
    await expect.poll(() => recorded(folder), SOON).toMatchObject({ ids: ['early'], torn: 0 });
    await disk.empty();
    await expect.poll(() => recorder.state.problem, SOON).toBeUndefined();
    await recorder.record(scoredRows(['late']));
    await recorder.close();
    expect(await recorded(folder)).toMatchObject({ ids: ['early', 'late'], torn: 0 });
  });
});
