import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { readScheduledWorkflows } from './workflow-files.ts';

async function read(text: string) {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'some.yaml'), text);
  return await readScheduledWorkflows(folder);
}

test('our own workflows: those on a schedule, each of which can be started', async () => {
  const folder = path.join(import.meta.dirname, '..', '..', '.github', 'workflows');
  const scheduled = await readScheduledWorkflows(folder);
  expect(scheduled.map(({ file }) => file)).toEqual(expect.arrayContaining(['etl.yml', 'retrain.yml', 'watch.yml']));
  expect(scheduled.filter(({ startable }) => !startable)).toEqual([]);
  expect((await readdir(folder)).length).toBeGreaterThan(scheduled.length);
});

describe('a workflow', () => {
  test.each([
    ['on a push', 'on: push'],
    ['on several events', 'on: [push, workflow_dispatch]'],
    ['on other events, with their filters', 'on: {push: {branches: [main]}, workflow_dispatch: }'],
    ['that is empty', ''],
  ])('%s is not on a schedule', async (_, text) => {
    expect(await read(text)).toEqual([]);
  });

  test('has its time zones, and may have no way to be started', async () => {
    const text = "on:\n  schedule:\n    - cron: '0 5 * * *'\n      timezone: Asia/Seoul\n    - cron: '0 6 * * 1'\n";
    expect(await read(text)).toEqual([
      {
        file: 'some.yaml',
        schedules: [{ cron: '0 5 * * *', timezone: 'Asia/Seoul' }, { cron: '0 6 * * 1' }],
        startable: false,
      },
    ]);
  });

  test.each([
    ['is no YAML', 'on: {schedule', /^it is no YAML: /],
    ['has an alias to nowhere', 'on: {schedule: *nightly}', /^it is no YAML: .*nightly/],
    ['has a schedule of another shape', 'on: {schedule: nightly}', /^on\.schedule: .*expected array/],
    ['has a schedule without cron', 'on: {schedule: [{corn: 0 5 * * *}]}', /^on\.schedule: [^]*\[0\]\.cron/],
  ])('that %s is listed with its problem', async (_, text, problem) => {
    expect(await read(text)).toEqual([
      { file: 'some.yaml', schedules: [], startable: false, problem: expect.stringMatching(problem) as string },
    ]);
  });
});

test('a folder that is not there is told', async () => {
  const folder = path.join(await temporaryFolder(), 'nowhere');
  await expect(readScheduledWorkflows(folder)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining(`The workflows in ${folder} cannot be read: ENOENT`) as string,
    hint: expect.stringContaining('--schedules') as string,
  });
});
