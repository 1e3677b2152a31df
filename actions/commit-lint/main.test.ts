import { once } from 'node:events';
import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gitRepository, type GitRepository } from '../../tests/support/git-repository.ts';
import { startGithubServer } from '../../tests/support/github-server.ts';
import { runAction, type ActionRun } from '../../tests/support/run-action.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const NONE = '0'.repeat(40);
const GONE = 'd'.repeat(40);

/** A remote with `main`, and what its checkout needs to have this repository's configuration. */
async function shop() {
  const root = await temporaryFolder();
  const remote = await gitRepository(path.join(root, 'remote'));
  const first = await remote.commit('chore: begin');
  await symlink(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  const checkout = async (...options: string[]): Promise<GitRepository> => {
    const clone = await gitRepository(path.join(root, 'checkout'), { url: `file://${remote.folder}`, options });
    await mkdir(path.join(clone.folder, 'models', 'shop'), { recursive: true });
    await copyFile(path.join(ROOT, 'commitlint.config.js'), path.join(clone.folder, 'commitlint.config.mjs'));
    return clone;
  };
  const lint = (event: ActionRun['event'], run: ActionRun = {}) =>
    runAction(root, 'commit-lint', { ...run, ...(event === undefined ? {} : { event }) });
  return { root, remote, first, checkout, lint };
}

function push(before: string, after: string, { branch = 'main', commits = [] as string[] } = {}) {
  const payload = {
    ref: `refs/heads/${branch}`,
    before,
    after,
    created: before === NONE,
    deleted: after === NONE,
    forced: false,
    commits: commits.map((id) => ({ id, message: 'as the event has it', distinct: true })),
    repository: { default_branch: 'main', full_name: 'owner/shop' },
  };
  return { name: 'push', payload };
}

const problemsOf = (outputs: Record<string, string>) =>
  JSON.parse(outputs['problems'] ?? '') as {
    sha: string | null;
    header: string;
    problems: string[];
    example: string;
  }[];

/** A commit whose message is no UTF-8; `git commit` would mend it. */
async function commitBytes({ folder, git }: GitRepository, message: Buffer): Promise<string> {
  const commit = await git('cat-file', 'commit', 'HEAD');
  const head = commit
    .slice(0, commit.indexOf('\n\n') + 2)
    .replace(/^parent .*$/m, `parent ${await git('rev-parse', 'HEAD')}`);
  await writeFile(path.join(folder, 'commit'), Buffer.concat([Buffer.from(head), message]));
  const id = await git('hash-object', '-t', 'commit', '-w', 'commit');
  await git('update-ref', 'HEAD', id);
  return id;
}

describe('a push', () => {
  it('of good messages is clean', async () => {
    const { remote, first, checkout, lint } = await shop();
    await remote.commit('feat(shop): count visits');
    const after = await remote.commit("Merge branch 'work'");
    await checkout();
    const { status, outputs, summary, annotations } = await lint(push(first, after));
    expect(outputs).toEqual({ outcome: 'clean', commits: '2', problems: '[]' });
    expect(summary).toContain('✅ Commit messages');
    expect(annotations).toEqual([]);
    expect(status).toBe(0);
  });

  it('with a bad message fails, and says which, why and how it would pass', async () => {
    const { remote, first, checkout, lint } = await shop();
    const bad = await remote.commit('Fixed the login.');
    const after = await remote.commit('feat: a page');
    await checkout();
    const { status, outputs, summary, annotations } = await lint(push(first, after));
    expect(status).toBe(2);
    expect(outputs).toMatchObject({ outcome: 'invalid', commits: '2' });
    expect(outputs['error']).toMatch(/^COMMIT_MESSAGE_INVALID: Refused by .*: 1 of 2 commit messages\./);
    expect(outputs['error']).toContain(`git rebase -i ${first.slice(0, 10)}`);
    expect(problemsOf(outputs)).toEqual([
      {
        sha: bad,
        header: 'Fixed the login.',
        problems: [expect.stringContaining('the first line is not'), expect.stringContaining('full stop')],
        example: 'fix: login',
      },
    ]);
    expect(annotations.map(({ level, message }) => [level, message.split('\n')[0]])).toEqual([
      ['error', expect.stringContaining('1 of 2 commit messages')],
      ['error', `${bad.slice(0, 7)} "Fixed the login."`],
    ]);
    expect(summary).toMatch(
      new RegExp(`^\\| ${bad.slice(0, 7)} +\\| Fixed the login\\. +\\|.*\\| fix: login +\\|$`, 'm'),
    );
  });

  it('of 150 commits is read whole', async () => {
    const { remote, first, checkout, lint } = await shop();
    const good = Array.from({ length: 149 }, (_, index) => `fix: number ${index + 1}`);
    const after = await remote.commitMany([...good, 'The last one']);
    await checkout();
    const { outputs } = await lint(push(first, after));
    expect(outputs['commits']).toBe('150');
    expect(problemsOf(outputs)).toHaveLength(1);
  });

  it('of a new branch brings what the default branch has not', async () => {
    const { remote, checkout, lint } = await shop();
    await remote.commit('A bad one on main');
    await remote.git('switch', '--quiet', '-c', 'work');
    const after = await remote.commit('fix: on the branch');
    await checkout('--branch=work');
    const { outputs, annotations } = await lint(push(NONE, after, { branch: 'work' }));
    expect(outputs).toMatchObject({ outcome: 'clean', commits: '1' });
    expect(annotations).toMatchObject([
      { level: 'notice', message: expect.stringContaining('main has not') as string },
    ]);
  });

  it('that merges the default branch does not look at its commits again', async () => {
    const { remote, first, checkout, lint } = await shop();
    await remote.git('switch', '--quiet', '-c', 'work');
    const before = await remote.commit('fix: on the branch');
    await remote.git('switch', '--quiet', 'main');
    await remote.commit('A bad one on main');
    await remote.git('switch', '--quiet', 'work');
    await remote.git('merge', '--quiet', '--no-edit', 'main');
    await checkout('--branch=work');
    const after = await remote.git('rev-parse', 'HEAD');
    const { outputs } = await lint(push(before, after, { branch: 'work' }));
    expect(first).not.toBe(before);
    expect(outputs).toMatchObject({ outcome: 'clean', commits: '1' });
  });

  it('that rewrote a branch brings what the default branch has not, and says so', async () => {
    const { remote, checkout, lint } = await shop();
    await remote.git('switch', '--quiet', '-c', 'work');
    await remote.commit('Bad one');
    const after = await remote.commit('fix: good one');
    await checkout('--branch=work');
    const { outputs, annotations } = await lint(push(GONE, after, { branch: 'work' }));
    expect(outputs['commits']).toBe('2');
    expect(problemsOf(outputs).map(({ header }) => header)).toEqual(['Bad one']);
    expect(annotations.filter(({ level }) => level === 'notice')).toMatchObject([
      { message: 'What was there before (ddddddd) is gone: looked at the commits that main has not.' },
    ]);
  });

  it('that rewrote the default branch brings what the event names, and says so', async () => {
    const { remote, checkout, lint } = await shop();
    await remote.commit('An old bad one');
    const named = [await remote.commit('Bad one'), await remote.commit('fix: good one')];
    await checkout();
    const { outputs, annotations } = await lint(push(GONE, named[1] ?? '', { commits: named }));
    expect(outputs['commits']).toBe('2');
    expect(problemsOf(outputs).map(({ sha }) => sha)).toEqual([named[0]]);
    expect(annotations.filter(({ level }) => level === 'notice')).toMatchObject([
      { message: 'What was there before (ddddddd) is gone: looked at the 2 commits that the event names.' },
    ]);
  });

  it('that deleted a branch has nothing to look at', async () => {
    const { checkout, lint, first } = await shop();
    await checkout();
    const { status, outputs, summary } = await lint(push(first, NONE, { branch: 'work' }));
    expect([status, outputs['outcome']]).toEqual([0, 'nothing-to-do']);
    expect(summary).toContain('refs/heads/work was deleted');
  });
});

describe('a shallow checkout', () => {
  it('is deepened', async () => {
    const { remote, first, checkout, lint } = await shop();
    await remote.commit('Bad one');
    const after = await remote.commit('fix: good one');
    const clone = await checkout('--depth=1');
    expect(await clone.git('rev-list', '--count', 'HEAD')).toBe('1');
    const { outputs } = await lint(push(first, after), { inputs: { token: 'ghs_secret' } });
    expect(outputs['commits']).toBe('2');
    expect(problemsOf(outputs)).toHaveLength(1);
  });

  it('is an error where the remote is gone', async () => {
    const { remote, first, checkout, lint } = await shop();
    const after = await remote.commit('fix: good one');
    await checkout('--depth=1');
    await rm(remote.folder, { recursive: true });
    const { status, outputs } = await lint(push(first, after));
    expect(status).toBe(2);
    expect(outputs['error']).toMatch(/^COMMIT_HISTORY_MISSING: The checkout is shallow, and cannot be deepened: fatal/);
    expect(outputs['error']).toContain('fetch-depth: 0');
  });
});

it('the token is in the header of a fetch, once, and nowhere else', async () => {
  const headers: string[][] = [];
  const http = createServer((request, response) => {
    headers.push(request.headersDistinct['authorization'] ?? []);
    response.writeHead(404).end();
  });
  onTestFinished(() => void http.close());
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { first, checkout, lint } = await shop();
  const clone = await checkout();
  await clone.git('remote', 'set-url', 'origin', `${url}/owner/shop.git`);
  // What a checkout leaves that keeps its credentials.
  await clone.git('config', `http.${url}/.extraheader`, 'AUTHORIZATION: basic b2xk');
  const { log, outputs } = await lint(push(first, GONE), {
    inputs: { token: 'ghs_secret' },
    env: { GITHUB_SERVER_URL: url },
  });
  const secret = Buffer.from('x-access-token:ghs_secret').toString('base64');
  expect(headers.length).toBeGreaterThan(0);
  expect(new Set(headers.flat())).toEqual(new Set([`basic ${secret}`]));
  expect(outputs['error']).toContain('COMMIT_HISTORY_MISSING');
  const told = log.replaceAll(/^::add-mask::.*$/gm, '');
  expect(`${told}${JSON.stringify(outputs)}`).not.toMatch(new RegExp(`ghs_secret|${secret}`));
});

it('a commit that is nowhere is an error', async () => {
  const { first, checkout, lint } = await shop();
  await checkout();
  const { outputs } = await lint(push(first, GONE));
  expect(outputs['error']).toContain(`COMMIT_HISTORY_MISSING: ${GONE} is not in the checkout`);
});

describe('a pull request', () => {
  const opened = async (title: string, message: string) => {
    const server = await startGithubServer();
    server.pulls.push({ number: 7, title });
    const { remote, first, checkout, lint } = await shop();
    await remote.git('switch', '--quiet', '-c', 'work');
    const head = await remote.commit(message);
    await remote.git('switch', '--quiet', 'main');
    const base = await remote.commit('A bad one on main that the branch lacks');
    // What GitHub checks out: a merge of both.
    await remote.git('merge', '--quiet', '--no-edit', 'work');
    await checkout('--depth=1');
    const payload = {
      number: 7,
      pull_request: { number: 7, title: 'stale', base: { sha: base }, head: { sha: head } },
    };
    const env = { GITHUB_API_URL: server.url };
    return {
      server,
      first,
      look: () => lint({ name: 'pull_request', payload }, { inputs: { token: 'ghs_secret' }, env }),
    };
  };

  it('brings its own commits and its title as it is now', async () => {
    const { look } = await opened('fix: good title', 'fix: good one');
    const { outputs, summary } = await look();
    expect(outputs).toMatchObject({ outcome: 'clean', commits: '1' });
    expect(summary).toContain('1 commit, and the title');
  });

  it('with a bad title fails', async () => {
    const { look } = await opened('Bad title', 'fix: good one');
    const { outputs, summary } = await look();
    expect(problemsOf(outputs)).toMatchObject([{ sha: null, header: 'Bad title', example: 'chore: bad title' }]);
    expect(outputs['error']).toContain('the title.\nWhat to do: Edit the title');
    expect(outputs['error']).not.toContain('git rebase');
    expect(summary).toMatch(/^\| title +\| Bad title/m);
  });

  it('with both bad names both', async () => {
    const { look } = await opened('Bad title', 'Bad commit');
    const { outputs } = await look();
    expect(outputs['error']).toContain('1 of 1 commit messages, the title');
    expect(problemsOf(outputs)).toHaveLength(2);
  });

  it('whose title the token may not read is an error that names the permission', async () => {
    const { server, look } = await opened('fix: good title', 'fix: good one');
    server.failNext({ path: '/repos/owner/shop/pulls/7' }, { status: 403, message: 'Resource not accessible' });
    const { status, outputs } = await look();
    expect(status).toBe(2);
    expect(outputs['error']).toMatch(/^GITHUB_FORBIDDEN: .*pull-requests: read/s);
  });
});

it('a merge group brings what its base has not', async () => {
  const { remote, first, checkout, lint } = await shop();
  await remote.git('switch', '--quiet', '-c', 'gh-readonly-queue/main/pr-7');
  const head = await remote.commit('Bad one');
  await checkout('--branch=gh-readonly-queue/main/pr-7');
  const payload = { action: 'checks_requested', merge_group: { base_sha: first, head_sha: head } };
  const { outputs } = await lint({ name: 'merge_group', payload });
  expect(problemsOf(outputs)).toHaveLength(1);
});

it.each(['workflow_dispatch', 'schedule'])('%s has nothing to look at', async (name) => {
  const { lint } = await shop();
  const { status, outputs, summary } = await lint({ name, payload: {} });
  expect([status, outputs]).toEqual([0, { outcome: 'nothing-to-do', commits: '0', problems: '[]' }]);
  expect(summary).toContain(`The event ${name} brings no commits`);
});

it("an event's file that is no JSON is an error of its reader's, not a bug", async () => {
  const { root, lint } = await shop();
  const file = path.join(root, 'cut.json');
  await writeFile(file, '{"ref": "refs/heads');
  const { status, outputs } = await lint({ name: 'push', payload: {} }, { env: { GITHUB_EVENT_PATH: file } });
  expect([status, outputs['error']]).toEqual([2, expect.stringMatching(/^OPTION_INVALID: The event's file/)]);
});

it('without a configuration nothing is taken for good', async () => {
  const { remote, first, checkout, lint } = await shop();
  const after = await remote.commit('fix: good one');
  const clone = await checkout();
  await rm(path.join(clone.folder, 'commitlint.config.mjs'));
  const { status, outputs } = await lint(push(first, after));
  expect(status).toBe(2);
  expect(outputs['error']).toContain('COMMIT_CONFIG_MISSING: There is no commitlint configuration');
  await writeFile(path.join(clone.folder, 'commitlint.config.mjs'), 'export default { rules: {} };');
  expect((await lint(push(first, after))).outputs['error']).toContain('commitlint.config.mjs has no rule');
});

it('what strangers wrote commands neither the runner nor the page', async () => {
  const { remote, first, checkout, lint } = await shop();
  const hostile = [
    '::error::planted',
    'a\r::set-output name=outcome::clean',
    'b ##[error]planted',
    '| <img src=x> | @here [link](https://example.com)',
    '\u001b[31mred\u001b[0m `code` </details>',
    'x'.repeat(10_000),
    'body\n\n::warning::planted\n```\n</details>',
  ];
  for (const message of hostile) await remote.commit(message);
  const after = await commitBytes(remote, Buffer.from([0x63, 0xff, 0xfe, 0xe9, 0x0a]));
  await checkout();
  const { status, log, outputs, summary, annotations } = await lint(push(first, after));
  expect(status).toBe(2);
  expect(problemsOf(outputs)).toHaveLength(hostile.length + 1);
  expect(annotations).toHaveLength(hostile.length + 2);
  expect(problemsOf(outputs).at(-1)?.header).toBe('c\ufffd\ufffd\ufffd');
  expect(log).not.toMatch(/^[^\S\n]*::(?!error title=|debug|add-mask)/m);
  expect(log.split(/\r|\n/).filter((line) => /^\s*::error::/.test(line))).toEqual([]);
  expect(log).not.toMatch(/^(?!::).*##\[/m);
  expect(log).not.toContain('\u001b[31m');
  const rows = summary.split('\n').filter((line) => line.startsWith('| '));
  expect(rows).toHaveLength(hostile.length + 1 + 2);
  expect(rows.join('\n')).not.toMatch(/(?<!\\)<img|@here|https:\/\/|\r/);
});

it('of more than ten bad ones the worst are annotated, and all are in the table', async () => {
  const { remote, first, checkout, lint } = await shop();
  const bad = Array.from({ length: 11 }, (_, index) => `bad one ${index + 1}`);
  const worst = await remote.commitMany([...bad, `Worst one ${'x'.repeat(120)}.`]);
  await checkout();
  const { outputs, summary, annotations } = await lint(push(first, worst));
  expect(annotations).toHaveLength(10);
  expect(annotations[1]?.message).toContain(worst.slice(0, 7));
  expect(summary).toContain('3 more errors are not annotated');
  expect(summary.match(/^\| [0-9a-f]{7} /gm)).toHaveLength(12);
  expect(problemsOf(outputs)).toHaveLength(12);
});
