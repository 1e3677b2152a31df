import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ACTIONS_BOT, type Author } from '../tests/github/answers.ts';
import { forbidden, startGithubServer, type GithubServer, type PlannedAnswer } from '../tests/support/github-server.ts';
import type { GithubLimits } from '../pipelines/adapters/github/client.ts';
import { openRepository, type Repository } from './github.ts';

const MARKER = '<!-- mark -->';
const STRANGER: Author = { login: 'somebody', type: 'User', association: 'NONE' };
const ISSUE = { title: 'Report', label: 'reports', marker: MARKER, body: 'figures' };

let server: GithubServer;

beforeEach(async () => {
  server = await startGithubServer();
  server.pulls.push({ number: 7, title: 'feat: a title' });
  vi.stubEnv('GITHUB_API_URL', server.url);
  vi.stubEnv('GITHUB_REPOSITORY', 'owner/shop');
});

/** Its seconds of waiting are milliseconds. */
function open(limits: Partial<GithubLimits> = {}): Repository {
  return openRepository('a-secret-token', { secondMs: 1, ...limits });
}

async function failureOf(work: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  const error = await work.then(
    () => ({ code: 'none', message: '', hint: '' }),
    (thrown: unknown) => thrown as { code: string; message: string; hint: string },
  );
  expect(JSON.stringify([error.message, error.hint])).not.toContain('a-secret-token');
  return error;
}

describe('comments', () => {
  test('the first is created, the second updates it', async () => {
    expect(await open().placeComment(7, MARKER, 'one')).toEqual({
      outcome: 'created',
      url: 'https://github.com/owner/shop/issues/7#issuecomment-1',
    });
    expect(await open().placeComment(7, MARKER, 'two')).toMatchObject({ outcome: 'updated' });
    expect(server.comments.map(({ body }) => body)).toEqual([`${MARKER}\ntwo`]);
  });

  test("a stranger's comment with our marker is left alone, and so is one that quotes it", async () => {
    server.comments.push({ id: 1, issue: 7, body: `${MARKER}\nmine`, author: STRANGER });
    server.comments.push({ id: 2, issue: 7, body: `> ${MARKER}\nyours`, author: ACTIONS_BOT });
    expect(await open().placeComment(7, MARKER, 'ours')).toMatchObject({ outcome: 'created' });
    expect(server.comments.map(({ body }) => body)).toEqual([
      `${MARKER}\nmine`,
      `> ${MARKER}\nyours`,
      `${MARKER}\nours`,
    ]);
  });

  test('one that a member wrote with a token of their own is found', async () => {
    server.comments.push({ id: 1, issue: 7, body: MARKER, author: { ...STRANGER, association: 'MEMBER' } });
    expect(await open().placeComment(7, MARKER, 'new')).toMatchObject({ outcome: 'updated' });
  });

  test('it is found behind hundreds of others', async () => {
    for (let id = 1; id <= 250; id += 1) {
      server.comments.push({ id, issue: 7, body: id === 230 ? MARKER : 'talk', author: ACTIONS_BOT });
    }
    expect(await open().placeComment(7, MARKER, 'new')).toMatchObject({ outcome: 'updated' });
    expect(server.comments).toHaveLength(250);
  });

  test('when the answer to its creation gets lost, there is one all the same', async () => {
    server.failNext({ method: 'POST' }, 'lost');
    expect(await open().placeComment(7, MARKER, 'one')).toMatchObject({ outcome: 'created' });
    expect(server.comments).toHaveLength(1);
  });

  test('it is created at the second try when the first was not done', async () => {
    server.failNext({ method: 'POST' }, { status: 502 });
    expect(await open().placeComment(7, MARKER, 'one')).toMatchObject({ outcome: 'created' });
    expect(server.comments).toHaveLength(1);
  });

  test('a creation that always fails is given up', async () => {
    server.failNext({ method: 'POST' }, { status: 500 }, Infinity);
    const error = await failureOf(open({ retries: 2 }).placeComment(7, MARKER, 'one'));
    expect(error).toMatchObject({
      code: 'GITHUB_UNREACHABLE',
      message: 'GitHub: cannot comment on #7: 500 planned - https://docs.github.com/rest',
    });
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(3);
  });
});

describe('issues', () => {
  test('the first is created with its label, the second updates it', async () => {
    expect(await open().placeIssue(ISSUE)).toEqual({
      outcome: 'created',
      url: 'https://github.com/owner/shop/issues/8',
    });
    const again = { ...ISSUE, title: 'Report of today', body: 'new figures' };
    expect(await open().placeIssue(again)).toMatchObject({ outcome: 'updated' });
    expect(server.issues).toEqual([
      {
        number: 8,
        title: again.title,
        body: `${MARKER}\nnew figures`,
        labels: ['reports'],
        open: true,
        author: ACTIONS_BOT,
      },
    ]);
  });

  test("closed ones, those of other models and strangers' are left alone", async () => {
    const one = { title: 'x', body: MARKER, labels: ['reports'], open: true, author: ACTIONS_BOT };
    server.issues.push({ ...one, number: 1, open: false });
    server.issues.push({ ...one, number: 2, body: '<!-- another -->' });
    server.issues.push({ ...one, number: 3, author: STRANGER });
    server.issues.push({ ...one, number: 4, labels: [] });
    expect(await open().placeIssue(ISSUE)).toMatchObject({ outcome: 'created' });
    expect(server.issues).toHaveLength(5);
  });

  test('when the answer to its creation gets lost, there is one all the same', async () => {
    server.failNext({ method: 'POST' }, 'lost');
    expect(await open().placeIssue(ISSUE)).toMatchObject({ outcome: 'created' });
    expect(server.issues).toHaveLength(1);
  });
});

describe('faults of GitHub', () => {
  test.each<PlannedAnswer>([{ status: 502 }, { status: 503 }, 'close', 'cut'])(
    'a read gets over %j',
    async (answer) => {
      server.failNext({ method: 'GET' }, answer);
      expect(await open().pullRequestTitle(7)).toBe('feat: a title');
    },
  );

  test('an update gets over one', async () => {
    await open().placeComment(7, MARKER, 'one');
    server.failNext({ method: 'PATCH' }, 'lost');
    expect(await open().placeComment(7, MARKER, 'two')).toMatchObject({ outcome: 'updated' });
    expect(server.comments.map(({ body }) => body)).toEqual([`${MARKER}\ntwo`]);
  });

  test('a read gets over a request that hangs', async () => {
    // So that the time is not spent on making validators.
    await open().pullRequestTitle(7);
    server.failNext({ method: 'GET' }, 'hang');
    expect(await open({ timeoutMs: 1000 }).pullRequestTitle(7)).toBe('feat: a title');
  });

  test('one that hangs to the end has not answered', async () => {
    server.failNext({}, 'hang', Infinity);
    expect(await failureOf(open({ timeoutMs: 50, retries: 1 }).pullRequestTitle(7))).toMatchObject({
      code: 'GITHUB_UNREACHABLE',
      message: 'GitHub: cannot read pull request #7: no answer (The operation was aborted due to timeout)',
    });
    expect(server.requests).toHaveLength(2);
  });

  test('nobody listens', async () => {
    vi.stubEnv('GITHUB_API_URL', 'http://127.0.0.1:9');
    const error = await failureOf(open().pullRequestTitle(7));
    expect(error.code).toBe('GITHUB_UNREACHABLE');
    expect(error.message).toMatch(/^GitHub: cannot read pull request #7: no answer \(/);
  });

  test('a long page of a proxy is cut', async () => {
    server.failNext({}, { status: 502, message: 'x'.repeat(5000) }, Infinity);
    expect((await failureOf(open().pullRequestTitle(7))).message.length).toBeLessThan(400);
  });
});

describe('rate limit', () => {
  const inAnHour = Math.ceil(Date.now() / 1000) + 3600;
  const used = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(inAnHour) };

  test.each<PlannedAnswer>([
    { status: 429, headers: { 'retry-after': '30' } },
    { status: 403, headers: { 'retry-after': '30' } },
    { status: 403, headers: { ...used, 'x-ratelimit-reset': String(inAnHour - 3600) } },
    { status: 403, message: 'You have exceeded a secondary rate limit.' },
  ])('a short one is waited for: %j', async (answer) => {
    server.failNext({}, answer);
    expect(await open().pullRequestTitle(7)).toBe('feat: a title');
  });

  test('a long one is told, with its end', async () => {
    server.failNext({}, { status: 403, headers: used });
    const error = await failureOf(open().pullRequestTitle(7));
    expect(error.code).toBe('GITHUB_RATE_LIMITED');
    const told = /until (\S+)/.exec(error.message)?.[1] ?? '';
    expect(Math.abs(Date.parse(told) / 1000 - inAnHour)).toBeLessThan(3);
    expect(server.requests).toHaveLength(1);
  });

  test('short ones are not waited for without end', async () => {
    server.failNext({}, { status: 429, headers: { 'retry-after': '25' } }, Infinity);
    expect(await failureOf(open().pullRequestTitle(7))).toMatchObject({ code: 'GITHUB_RATE_LIMITED' });
    expect(server.requests).toHaveLength(3);
  });
});

describe('refusals', () => {
  test.each<[string, string, (repository: Repository) => Promise<unknown>]>([
    ['pulls', 'pull-requests: read', (repository) => repository.pullRequestTitle(7)],
    ['comments', 'pull-requests: write', (repository) => repository.placeComment(7, MARKER, 'x')],
    ['issues', 'issues: write', (repository) => repository.placeIssue(ISSUE)],
  ])('of %s name the permission %s', async (_, permission, ask) => {
    server.failNext({}, { status: 403, message: 'Resource not accessible by integration' });
    expect(await failureOf(ask(open()))).toMatchObject({
      code: 'GITHUB_FORBIDDEN',
      message: expect.stringContaining(`the token lacks \`${permission}\` (403 Resource not accessible`) as string,
      hint: `Add \`${permission}\` under \`permissions:\` of the job in the workflow.`,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('GitHub knows best which permission is lacking', async () => {
    server.failNext({}, forbidden('issues=write; pull_requests=write,contents=read'));
    expect(await failureOf(open().placeComment(7, MARKER, 'x'))).toMatchObject({
      hint: 'Add `issues: write` or `pull-requests: write` and `contents: read` under `permissions:` of the job in the workflow.',
    });
  });

  test('what is not there may be there for another token', async () => {
    const error = await failureOf(open().pullRequestTitle(8));
    expect(error.code).toBe('GITHUB_REFUSED');
    expect(error.message).toContain('it is not there, or the token may not see it (404 Not Found');
    expect(error.hint).toContain('`pull-requests: read`');
  });

  test.each([
    [401, 'GITHUB_FORBIDDEN', 'the token is not accepted'],
    [410, 'GITHUB_REFUSED', 'it is turned off'],
    [422, 'GITHUB_REFUSED', '422 planned'],
  ])('%d is %s', async (status, code, message) => {
    server.failNext({}, { status });
    const error = await failureOf(open().placeIssue(ISSUE));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the environment', () => {
  test.each([
    ['GITHUB_REPOSITORY', 'shop'],
    ['GITHUB_API_URL', 'api.github.com'],
    ['GITHUB_API_URL', 'file:///etc'],
  ])('%s=%s is told', async (name, value) => {
    vi.stubEnv(name, value);
    const error = await failureOf(Promise.resolve().then(() => open()));
    expect(error).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining(value) as string });
  });

  test('without a token nothing is asked', async () => {
    const error = await failureOf(Promise.resolve().then(() => openRepository('')));
    expect(error).toMatchObject({ code: 'OPTION_INVALID', hint: 'Give the step `token: ${{ github.token }}`.' });
  });
});
