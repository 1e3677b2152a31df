import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  forbidden,
  startGithubServer,
  type GithubServer,
  type PlannedAnswer,
} from '../../../tests/support/github-server.ts';
import { openWorkflows, type Workflows } from './workflows.ts';

const CREATED = '2025-01-01T00:00:00Z';

let server: GithubServer;

beforeEach(async () => {
  server = await startGithubServer();
  server.workflows.push({ file: 'etl.yml', state: 'active', createdAt: CREATED });
  vi.stubEnv('GITHUB_API_URL', server.url);
});

/** Its seconds of waiting are milliseconds. */
function open(token = 'a-secret-token'): Workflows {
  const advice = { missing: 'Give one.', refused: 'Give another.', lacking: (what: string) => `Give it ${what}.` };
  return openWorkflows({ owner: 'owner', repo: 'shop', token, advice }, { secondMs: 1 });
}

test('those of files in .github/workflows are listed, behind a hundred others too', async () => {
  for (let at = 1; at <= 120; at += 1) {
    server.workflows.unshift({ file: `dynamic/pages/${at}`, state: 'active', createdAt: CREATED });
  }
  server.workflows.push({ file: 'watch.yml', state: 'disabled_manually', createdAt: '2026-02-03T04:05:06Z' });
  expect(await open().list()).toEqual([
    { file: 'etl.yml', state: 'active', createdAt: new Date(CREATED) },
    { file: 'watch.yml', state: 'disabled_manually', createdAt: new Date('2026-02-03T04:05:06Z') },
  ]);
});

test('a run since a time counts, whatever started it, and those of other workflows do not', async () => {
  server.runs.push({ workflow: 'etl.yml', title: 'x', event: 'schedule', createdAt: '2026-01-01T02:17:00Z' });
  server.runs.push({ workflow: 'watch.yml', title: 'x', event: 'push', createdAt: '2026-01-09T00:00:00Z' });
  const since = async (time: string) => await open().hasRunSince('etl.yml', new Date(time));
  expect([await since('2026-01-01T02:17:00Z'), await since('2026-01-01T02:18:00Z')]).toEqual([true, false]);
});

describe('a start', () => {
  test('is a workflow_dispatch on the default branch', async () => {
    await open().start('etl.yml');
    expect(server.runs).toMatchObject([{ workflow: 'etl.yml', event: 'workflow_dispatch' }]);
    expect(server.requests.at(-1)?.body).toEqual({ ref: 'main' });
  });

  test.each<PlannedAnswer>(['lost', 'close', { status: 502 }])('is not tried again after %j', async (answer) => {
    server.failNext({ method: 'POST' }, answer);
    await expect(open().start('etl.yml')).rejects.toMatchObject({ code: 'GITHUB_UNREACHABLE' });
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('of a disabled workflow is refused, and done after it was enabled', async () => {
    const [workflow] = server.workflows;
    if (workflow) workflow.state = 'disabled_inactivity';
    await expect(open().start('etl.yml')).rejects.toMatchObject({
      code: 'GITHUB_REFUSED',
      message: expect.stringMatching(/^GitHub: cannot start etl\.yml: 422 .*disabled workflow/) as string,
    });
    await open().enable('etl.yml');
    await open().start('etl.yml');
    expect(server.runs).toHaveLength(1);
  });
});

describe('a repository_dispatch', () => {
  test('arrives with its payload', async () => {
    await open().dispatch('retrain', { batch: '2026-01-01' });
    expect(server.dispatches).toEqual([{ eventType: 'retrain', payload: { batch: '2026-01-01' } }]);
  });

  test.each<PlannedAnswer>(['lost', 'close', { status: 502 }])('is not tried again after %j', async (answer) => {
    server.failNext({ method: 'POST' }, answer);
    await expect(open().dispatch('retrain', {})).rejects.toMatchObject({ code: 'GITHUB_UNREACHABLE' });
    expect(server.requests).toHaveLength(1);
  });

  test('is tried again after a rate limit, which is a clear no', async () => {
    server.failNext({ method: 'POST' }, { status: 429, headers: { 'retry-after': '2' } });
    await open().dispatch('retrain', {});
    expect(server.dispatches).toHaveLength(1);
  });
});

test('titles of runs are listed, newest first, by repository_dispatch only and since a day', async () => {
  const one = { workflow: 'retrain.yml', event: 'repository_dispatch' };
  server.runs.push({ ...one, title: 'too old', createdAt: '2025-12-31T23:59:59Z' });
  server.runs.push({ ...one, title: 'by hand', event: 'workflow_dispatch', createdAt: '2026-01-01T01:00:00Z' });
  server.runs.push({ ...one, title: 'of another', workflow: 'etl.yml', createdAt: '2026-01-01T01:00:00Z' });
  for (let at = 1; at <= 130; at += 1) server.runs.push({ ...one, title: `${at}`, createdAt: '2026-01-01T02:00:00Z' });
  const titles = await open().runTitles('retrain.yml', '2026-01-01');
  expect([titles.length, titles[0], titles.at(-1)]).toEqual([130, '130', '1']);
});

describe('refusals', () => {
  test.each<[string, string, (workflows: Workflows) => Promise<unknown>]>([
    ['the list', 'actions: read', (workflows) => workflows.list()],
    ['runs', 'actions: read', (workflows) => workflows.hasRunSince('etl.yml', new Date(0))],
    ['their titles', 'actions: read', (workflows) => workflows.runTitles('etl.yml', '2026-01-01')],
    ['a start', 'actions: write', (workflows) => workflows.start('etl.yml')],
    ['enabling', 'actions: write', (workflows) => workflows.enable('etl.yml')],
    ['a dispatch', 'contents: write', (workflows) => workflows.dispatch('x', {})],
  ])('of %s name the permission %s', async (_, permission, ask) => {
    server.failNext({}, { status: 403, message: 'Resource not accessible by personal access token' });
    await expect(ask(open())).rejects.toMatchObject({
      code: 'GITHUB_FORBIDDEN',
      message: expect.stringContaining(`the token lacks \`${permission}\` (403 Resource not accessible`) as string,
      hint: `Give it \`${permission}\`.`,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('name what GitHub says is lacking', async () => {
    server.failNext({}, forbidden('actions=write'));
    await expect(open().list()).rejects.toMatchObject({ hint: 'Give it `actions: write`.' });
  });

  test('a token that is not accepted', async () => {
    server.failNext({}, { status: 401, message: 'Bad credentials' });
    await expect(open().list()).rejects.toMatchObject({ code: 'GITHUB_FORBIDDEN', hint: 'Give another.' });
  });

  test('without a token nothing is asked', () => {
    expect(() => open('')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', hint: 'Give one.' }));
  });
});
