import { describe, expect, test } from 'vitest';
import type { KnownWorkflow, Workflows } from '../adapters/github/workflows.ts';
import type { ScheduledWorkflow } from '../adapters/workflow-files.ts';
import { catchUp } from './catch-up.ts';

const NIGHTLY: ScheduledWorkflow = { file: 'etl.yml', schedules: [{ cron: '17 2 * * *' }], startable: true };
const ACTIVE: KnownWorkflow = { file: 'etl.yml', state: 'active', createdAt: new Date('2025-01-01T00:00:00Z') };

interface FakeWorkflows extends Workflows {
  /** What was done, in order. */
  did: string[];
}

/** Its runs began at these times, and `started` ones at `now`; `answers` are how the next starts end. */
function fakeWorkflows(runs: string[] = [], now = '', ...answers: ('lost' | 'refused')[]): FakeWorkflows {
  const did: string[] = [];
  const unused = () => Promise.reject(new Error('not asked for'));
  return {
    did,
    hasRunSince: (_, since) => Promise.resolve(runs.some((run) => new Date(run) >= since)),
    async start(file) {
      const answer = answers.shift();
      if (answer !== 'refused') runs.push(now);
      await (answer === undefined ? Promise.resolve(did.push(`start ${file}`)) : Promise.reject(new Error(answer)));
    },
    enable: (file) => Promise.resolve(void did.push(`enable ${file}`)),
    list: unused,
    dispatch: unused,
    runTitles: unused,
  };
}

const look = (
  workflows: Workflows,
  now: string,
  { scheduled = NIGHTLY, known = ACTIVE }: { scheduled?: ScheduledWorkflow; known?: KnownWorkflow } = {},
) => catchUp(workflows, { scheduled, known, now: new Date(now), graceMinutes: 90 });

describe('a slot', () => {
  test.each([
    ['that no run came for', [], '2026-03-02T03:47:00Z', 'started'],
    ['of yesterday, when today’s may still come', ['2026-03-01T02:17:00Z'], '2026-03-02T03:46:59Z', 'on-time'],
    ['whose run came at once', ['2026-03-02T02:17:00Z'], '2026-03-02T23:00:00Z', 'on-time'],
    ['whose run came late, or from a person', ['2026-03-02T09:00:00Z'], '2026-03-02T23:00:00Z', 'on-time'],
    ['after the last run', ['2026-03-02T02:16:59Z'], '2026-03-02T23:00:00Z', 'started'],
  ])('%s', async (_, runs, now, outcome) => {
    const workflows = fakeWorkflows(runs, now);
    expect(await look(workflows, now)).toMatchObject({ workflow: 'etl.yml', outcome, enabled: false });
    expect(workflows.did).toEqual(outcome === 'started' ? ['start etl.yml'] : []);
  });

  test('says when it was due', async () => {
    expect(await look(fakeWorkflows(), '2026-03-02T12:00:00Z')).toEqual({
      workflow: 'etl.yml',
      outcome: 'started',
      reason: 'it was due 2026-03-02 02:17 UTC, and no run has begun since',
      due: '2026-03-02T02:17:00.000Z',
      enabled: false,
    });
  });

  test('starts one run, however often one looks until the next', async () => {
    const workflows = fakeWorkflows([], '2026-03-02T05:00:00Z');
    const outcomes = [];
    for (const hour of ['04', '05', '12', '23']) {
      outcomes.push((await look(workflows, `2026-03-02T${hour}:00:00Z`)).outcome);
    }
    expect(outcomes).toEqual(['started', 'on-time', 'on-time', 'on-time']);
    expect(await look(workflows, '2026-03-03T04:00:00Z')).toMatchObject({ outcome: 'started' });
  });

  test('starts one run though its answer was lost', async () => {
    const workflows = fakeWorkflows([], '2026-03-02T05:00:00Z', 'lost');
    await expect(look(workflows, '2026-03-02T05:00:00Z')).rejects.toThrow('lost');
    expect(await look(workflows, '2026-03-02T05:15:00Z')).toMatchObject({ outcome: 'on-time' });
  });

  test('that was refused is tried again', async () => {
    const workflows = fakeWorkflows([], '2026-03-02T05:00:00Z', 'refused');
    await expect(look(workflows, '2026-03-02T05:00:00Z')).rejects.toThrow('refused');
    expect(await look(workflows, '2026-03-02T05:15:00Z')).toMatchObject({ outcome: 'started' });
  });

  test('from before the workflow was made does not count', async () => {
    const known = { ...ACTIVE, createdAt: new Date('2026-03-02T02:18:00Z') };
    expect(await look(fakeWorkflows(), '2026-03-02T12:00:00Z', { known })).toMatchObject({
      outcome: 'on-time',
      reason: 'it was made after it would have been due, 2026-03-02 02:17 UTC',
    });
  });

  test('of several schedules is the newest, one that is none aside', async () => {
    const schedules = ['nightly', '37 4 * * 0', '0 6 * * *', '0 5 * * *'].map((cron) => ({ cron }));
    const scheduled = { ...NIGHTLY, schedules };
    expect(await look(fakeWorkflows(), '2026-03-02T12:00:00Z', { scheduled })).toMatchObject({
      due: '2026-03-02T06:00:00.000Z',
    });
  });
});

describe('a workflow', () => {
  const noon = '2026-03-02T12:00:00Z';

  test.each([
    ['and started, where it is due', [], 'started', ['enable etl.yml', 'start etl.yml']],
    ['and not started, where a run has begun', ['2026-03-02T11:00:00Z'], 'on-time', ['enable etl.yml']],
  ])('that GitHub disabled for want of commits is enabled, %s', async (_, runs, outcome, did) => {
    const workflows = fakeWorkflows(runs, noon);
    const known = { ...ACTIVE, state: 'disabled_inactivity' };
    expect(await look(workflows, noon, { known })).toMatchObject({ outcome, enabled: true });
    expect(workflows.did).toEqual(did);
  });

  test.each(['disabled_manually', 'disabled_fork', 'deleted'])('that is %s is left alone', async (state) => {
    const workflows = fakeWorkflows();
    expect(await look(workflows, noon, { known: { ...ACTIVE, state } })).toEqual({
      workflow: 'etl.yml',
      outcome: 'left',
      reason: `it is not to run: ${state}`,
      enabled: false,
    });
    expect(workflows.did).toEqual([]);
  });

  test.each<[string, Partial<ScheduledWorkflow>, RegExp]>([
    ['that cannot be read', { problem: 'it is no YAML' }, /^it is no YAML$/],
    ['whose schedule is none', { schedules: [{ cron: '61 * * * *' }] }, /never due: 61 \* \* \* \*$/],
    ['in no zone', { schedules: [{ cron: '0 5 * * *', timezone: 'X/Y' }] }, /never due: 0 5 \* \* \* X\/Y$/],
    ['without a schedule', { schedules: [] }, /never due: it is empty$/],
    ['without workflow_dispatch', { startable: false }, /has no workflow_dispatch/],
  ])('%s is left, with the reason', async (_, change, reason) => {
    const workflows = fakeWorkflows();
    const result = await look(workflows, noon, { scheduled: { ...NIGHTLY, ...change } });
    expect(result).toMatchObject({ outcome: 'left', reason: expect.stringMatching(reason) as string });
    expect(workflows.did).toEqual([]);
  });

  test('that GitHub does not have is left', async () => {
    const options = { scheduled: NIGHTLY, known: undefined, now: new Date(noon), graceMinutes: 90 };
    expect(await catchUp(fakeWorkflows(), options)).toMatchObject({
      outcome: 'left',
      reason: 'GitHub has no such workflow on its default branch',
    });
  });
});
