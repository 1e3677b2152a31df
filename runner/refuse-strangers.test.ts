import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../tests/support/temporary-folder.ts';

const HOOK = path.join(import.meta.dirname, 'job-started.sh');

/** Runs the hook as the runner does; `payload` is the event. */
async function start(event: string, payload: unknown): Promise<{ status: number | null; stdout: string }> {
  const file = path.join(await temporaryFolder(), 'event.json');
  writeFileSync(file, typeof payload === 'string' ? payload : JSON.stringify(payload));
  const env = { PATH: process.env['PATH'], GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: file };
  return spawnSync(HOOK, { env: { ...env, GITHUB_REPOSITORY: 'owner/shop' }, encoding: 'utf8' });
}

const from = (repo: unknown) => ({ pull_request: { head: { repo } } });

test.each(['push', 'merge_group', 'schedule', 'workflow_dispatch', 'repository_dispatch'])(
  'the owner’s event %s is let through',
  async (event) => {
    expect(await start(event, {})).toMatchObject({ status: 0, stdout: '' });
  },
);

test('a pull request from the repository itself is let through', async () => {
  expect(await start('pull_request', from({ full_name: 'owner/shop' }))).toMatchObject({ status: 0 });
});

test.each([
  ['of a fork', 'pull_request', from({ full_name: 'stranger/shop' }), /comes from stranger\/shop/],
  ['of a fork that is deleted', 'pull_request', from(null), /a deleted repository/],
  ['that cannot be read', 'pull_request', '{', /cannot be read/],
  ['by pull_request_target', 'pull_request_target', from({ full_name: 'owner/shop' }), /by anybody/],
  ['by a comment', 'issue_comment', {}, /by anybody/],
  ['by workflow_run', 'workflow_run', {}, /by anybody/],
  ['without an event', '', {}, /by anybody/],
])('a job %s ends before its first step', async (_, event, payload, reason) => {
  const { status, stdout } = await start(event, payload);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^::error title=STRANGERS_CODE::/);
  expect(stdout).toMatch(reason);
});
