import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { eventRange, readEvent } from './event-range.ts';

const OLD = 'a'.repeat(40);
const NEW = 'b'.repeat(40);
const NONE = '0'.repeat(40);
const push = (more: object = {}) => ({
  ref: 'refs/heads/main',
  before: OLD,
  after: NEW,
  commits: [{ id: NEW, message: 'fix: a' }],
  repository: { default_branch: 'main', full_name: 'owner/shop' },
  ...more,
});

it('a push brings what is after it and was not before', () => {
  expect(eventRange('push', push())).toEqual({
    push: { head: NEW, before: OLD, defaultBranch: 'main', isDefault: true, listed: [NEW] },
  });
});

it('a new branch has nothing before', () => {
  expect(eventRange('push', push({ ref: 'refs/heads/work', before: NONE }))).toMatchObject({
    push: { before: undefined, isDefault: false },
  });
});

it('a pull request is what its head has and its base has not', () => {
  const payload = { pull_request: { number: 7, base: { sha: OLD }, head: { sha: NEW }, merge_commit_sha: NONE } };
  expect(eventRange('pull_request', payload)).toEqual({ head: NEW, base: OLD, pullRequest: 7 });
});

it('a merge group is what its head has and its base has not', () => {
  expect(eventRange('merge_group', { merge_group: { base_sha: OLD, head_sha: NEW } })).toEqual({
    head: NEW,
    base: OLD,
  });
});

describe('nothing to look at', () => {
  it.each([
    ['push', push({ after: NONE })],
    ['workflow_dispatch', { inputs: {} }],
    ['schedule', { schedule: '0 4 * * *' }],
  ])('%s', (name, payload) => {
    expect(eventRange(name, payload)).toContain('nothing to look at');
  });
});

describe('a payload that GitHub would not send is an error', () => {
  it.each([
    ['push', {}],
    ['push', push({ after: '--output=/tmp/x' })],
    ['push', push({ before: 'HEAD' })],
    ['push', push({ repository: { default_branch: '--all' } })],
    ['push', push({ repository: { default_branch: 'a:refs/heads/b' } })],
    ['pull_request', { pull_request: { number: 7, base: { sha: OLD }, head: { sha: `${NEW}^` } } }],
    ['merge_group', null],
  ])('%s %j', (name, payload) => {
    expect(() => eventRange(name, payload)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error);
  });
});

describe("the event's file", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ['is not there', undefined, 'ENOENT', Error],
    ['is no JSON', '{"ref": "refs/heads', 'Unterminated string in JSON', SyntaxError],
  ])('that %s is an error that names it, what is wrong and what to do', async (_, content, why, Cause) => {
    const file = path.join(await temporaryFolder(), 'event.json');
    if (content !== undefined) await writeFile(file, content);
    vi.stubEnv('GITHUB_EVENT_PATH', file);
    await expect(readEvent()).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(
        `The event's file (GITHUB_EVENT_PATH: "${file}") cannot be read: ${why}`,
      ) as string,
      hint: expect.stringContaining('act -e') as string,
      cause: expect.any(Cause) as Error,
    });
  });
});
