import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { livingModel, type LivingModel } from '../tests/support/living-model.ts';
import { runAction, type ActionResult } from '../tests/support/run-action.ts';
import { lastSlot } from '../pipelines/core/schedule.ts';

/** Daily, due an hour and a half ago: no test runs over its minute. */
const DAILY = dailyAt(new Date(Date.now() - 5_400_000));

describe('a scheduled run', () => {
  test('says nothing the first time, and nothing when another model of the same run comes', async () => {
    const living = await modelFolder();
    expect(await warningsOf(living)).toEqual([]);
    expect(await warningsOf(living)).toEqual([]);
    expect(await slotsOf(living)).toEqual({ [DAILY]: lastSlot({ cron: DAILY }, new Date())?.toISOString() });
  });

  test('warns of the runs that did not come, once: how many, when, why, what to do', async () => {
    const living = await modelFolder();
    const slot = lastSlot({ cron: DAILY }, new Date()) ?? new Date();
    const daysAgo = (days: number) => new Date(slot.getTime() - days * 86_400_000).toISOString();
    await writeSlots(living, JSON.stringify({ [DAILY]: daysAgo(4), '0 0 1 1 *': '2020-01-01T00:00:00.000Z' }));
    const [warning, ...more] = await warningsOf(living);
    expect(more).toEqual([]);
    const minute = (time: string) => time.slice(0, 16).replace('T', ' ');
    expect(warning).toContain(
      `3 runs of etl did not come: \`${DAILY}\` was due from ${minute(daysAgo(3))} to ${minute(daysAgo(1))} UTC.`,
    );
    expect(warning).toMatch(/60 days without a commit.*\nWhat to do: nothing.*gh workflow enable etl\.yml/);
    expect(await warningsOf(living)).toEqual([]);
    expect(Object.keys(await slotsOf(living))).toHaveLength(2);
  });

  test.each([
    ['no JSON', '{"17'],
    ['another shape', '["2026-01-01"]'],
    ['no time', JSON.stringify({ [DAILY]: 'yesterday' })],
  ])('replaces a record that is %s', async (_, text) => {
    const living = await modelFolder();
    await writeSlots(living, text);
    expect(await warningsOf(living)).toEqual([]);
    expect(Object.keys(await slotsOf(living))).toEqual([DAILY]);
  });

  test('goes on where the record cannot be written', async () => {
    const living = await modelFolder();
    await mkdir(living.home.root);
    await writeFile(living.home.schedules, 'a file');
    const { annotations, log } = await runScheduled(living);
    expect(annotations).toEqual([]);
    expect(log).toMatch(/^Whether a schedule was missed cannot be said: (EEXIST|ENOTDIR)/m);
  });

  test('and one by hand says nothing and leaves no record', async () => {
    const living = await modelFolder();
    const event = { name: 'workflow_dispatch', payload: { schedule: DAILY } };
    expect((await runAction(living.root, 'etl', { event })).status).toBe(0);
    expect(await readdir(living.home.root)).not.toContain('schedules');
  });
});

async function modelFolder(): Promise<LivingModel> {
  const living = await livingModel({ days: 2, customers: 10 });
  await living.writeFolder();
  return living;
}

/** Runs etl on a schedule to its good end. */
async function runScheduled(living: LivingModel): Promise<ActionResult> {
  const result = await runAction(living.root, 'etl', {
    event: { name: 'schedule', payload: { schedule: DAILY } },
    env: { GITHUB_WORKFLOW_REF: 'owner/shop/.github/workflows/etl.yml@refs/heads/main' },
  });
  expect(result.status).toBe(0);
  return result;
}

async function warningsOf(living: LivingModel): Promise<string[]> {
  const { annotations } = await runScheduled(living);
  return annotations.map(({ message }) => message);
}

async function writeSlots({ home }: LivingModel, text: string): Promise<void> {
  await mkdir(home.schedules, { recursive: true });
  await writeFile(path.join(home.schedules, 'etl.json'), text);
}

async function slotsOf({ home }: LivingModel): Promise<Record<string, string>> {
  return JSON.parse(await readFile(path.join(home.schedules, 'etl.json'), 'utf8')) as Record<string, string>;
}

function dailyAt(time: Date): string {
  return `${time.getUTCMinutes()} ${time.getUTCHours()} * * *`;
}
