import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { forbidden, startGithubServer, type GithubServer } from '../../tests/support/github-server.ts';
import { NOW, preparedModel } from '../../tests/support/living-model.ts';
import { runCli, type CliResult } from '../../tests/support/run-cli.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { lastSlot } from '../core/schedule.ts';
import { etl } from '../steps/etl.ts';

const HOUR_MS = 3_600_000;
/** Daily, due three hours ago. */
const DAILY = dailyAt(new Date(Date.now() - 3 * HOUR_MS));
const STARTS = /actions\/workflows\/[\w.]+\/dispatches$/;
const BATCH = 'days-2025-01-16';

/** A champion, and four new days in the mart: news. */
const withNews = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
  living.live(4, 'second');
  await living.run((context) => etl(context, { now: NOW }));
});

describe('a dropped schedule', () => {
  test('is made good once, over two looks, and no state is needed for it', async () => {
    const [root, github] = [await folderOf('etl.yml'), await startGithubServer()];
    await mkdir(path.join(root, 'models'));
    know(github, 'etl.yml');
    const [first, second] = [await look(root, github), await look(root, github)];
    const due = lastSlot({ cron: DAILY }, new Date())?.toISOString() ?? '';
    const reason = `it was due ${due.slice(0, 16).replace('T', ' ')} UTC, and no run has begun since`;
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.json).toEqual({
      outcome: 'dispatched',
      repository: 'owner/shop',
      dispatched: [{ workflow: 'etl.yml', due, reason }],
      news: [],
      schedules: [{ workflow: 'etl.yml', outcome: 'started', reason, due, enabled: false }],
    });
    expect(second.json).toMatchObject({
      outcome: 'nothing-to-do',
      dispatched: [],
      schedules: [{ workflow: 'etl.yml', outcome: 'on-time' }],
    });
    expect(github.runs).toMatchObject([{ workflow: 'etl.yml', event: 'workflow_dispatch' }]);
    expect((await readdir(root)).sort()).toEqual(['models', 'workflows']);
  });

  test('whose start got no answer is not started again', async () => {
    const [root, github] = [await folderOf('etl.yml'), await startGithubServer()];
    know(github, 'etl.yml');
    github.failNext({ path: STARTS }, 'lost');
    expectError(await look(root, github), 'GITHUB_UNREACHABLE');
    expect((await look(root, github)).json).toMatchObject({ outcome: 'nothing-to-do' });
    expect(github.runs).toHaveLength(1);
  });

  test('of a workflow that GitHub disabled for want of commits is made good; not of one that a person disabled', async () => {
    const [root, github] = [await folderOf('etl.yml', 'watch.yml'), await startGithubServer()];
    know(github, 'etl.yml', 'disabled_inactivity');
    know(github, 'watch.yml', 'disabled_manually');
    const { status, stdout } = await look(root, github, { json: false });
    expect([status, stdout.replaceAll(/due [\d: -]+ UTC/g, 'due')]).toEqual([
      0,
      'etl.yml: enabled, started, as it was due, and no run has begun since\nwatch.yml: left, as it is not to run: disabled_manually\n',
    ]);
    expect(github.workflows.map(({ state }) => state)).toEqual(['active', 'disabled_manually']);
    expect(github.runs).toMatchObject([{ workflow: 'etl.yml' }]);
  });

  test('by default is looked for in our own workflows', async () => {
    const [root, github] = [await temporaryFolder(), await startGithubServer()];
    const { json } = await runCli(root, ['watch', '--dispatch', 'owner/shop', '--json'], environment(github));
    expect(json).toMatchObject({
      schedules: expect.arrayContaining(
        ['etl.yml', 'retrain.yml', 'watch.yml'].map(
          (workflow) => expect.objectContaining({ workflow, outcome: 'left' }) as unknown,
        ),
      ) as unknown,
    });
  });
});

describe('news', () => {
  test('start retrain.yml once, over two looks', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    await writeWorkflows(living.root);
    const reason = '4 new days since the training of 2025-01-12, a batch is 4';
    const news = { model: 'living', outcome: 'retrain', reason, batch: BATCH };
    const results = [await look(living.root, github), await look(living.root, github)];
    expect(results.map(({ json }) => json)).toEqual([
      {
        outcome: 'dispatched',
        repository: 'owner/shop',
        dispatched: [{ workflow: 'retrain.yml', model: 'living', batch: BATCH, reason }],
        news: [{ ...news, dispatched: true }],
        schedules: [],
      },
      {
        ...{ outcome: 'nothing-to-do', repository: 'owner/shop', dispatched: [], schedules: [] },
        news: [{ ...news, dispatched: false }],
      },
    ]);
    expect(github.dispatches).toEqual([{ eventType: 'retrain', payload: { model: 'living', batch: BATCH } }]);
    const { stdout } = await look(living.root, github, { json: false });
    expect(stdout).toBe(`living: retraining was started before, as ${reason}\n`);
  });

  test('without a state are left out, which is said, and no state is made', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    await writeWorkflows(living.root);
    await rm(living.home.root, { recursive: true });
    const { status, json } = await look(living.root, github);
    expect([status, json['news']]).toEqual([
      0,
      [
        {
          model: 'living',
          outcome: 'no-state',
          reason: `no mart of it lies in ${living.home.root}, so its news are left to watch.yml`,
          dispatched: false,
        },
      ],
    ]);
    expect(await readdir(living.root)).not.toContain('state');
    expect(github.requests).toEqual([]);
  });

  test('are looked for in the model that is named', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    await writeWorkflows(living.root);
    await mkdir(path.join(living.root, 'models', 'broken'));
    const { status, json } = await look(living.root, github, { args: ['--model', 'living'] });
    expect([status, json['outcome']]).toEqual([0, 'dispatched']);
  });
});

describe('one failure does not keep the others from being looked at', () => {
  test('of a model, then of a workflow: the first is the error, all else is said', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    await writeWorkflows(living.root, 'etl.yml', 'watch.yml');
    await mkdir(path.join(living.root, 'models', 'broken'));
    know(github, 'etl.yml');
    know(github, 'watch.yml');
    github.failNext({ path: STARTS }, { status: 422, message: 'Required input' });
    const result = await look(living.root, github);
    expectError(result, 'MANIFEST_MISSING');
    expect(github.dispatches).toHaveLength(1);
    expect(github.runs).toMatchObject([{ workflow: 'watch.yml' }]);
    expect(result.stderr).toMatch(/^living: retraining started, as 4 new days.*\nwatch\.yml: started, as /);
    expect(result.stderr).toMatch(/^GITHUB_REFUSED: GitHub: cannot start etl\.yml: 422 Required input/m);
  });

  test('but what fails for all is said once', async () => {
    const [root, github] = [await folderOf('etl.yml', 'watch.yml'), await startGithubServer()];
    github.failNext({}, { status: 401, message: 'Bad credentials' });
    const result = await look(root, github);
    expectError(
      result,
      'GITHUB_FORBIDDEN',
      /^It may have expired: set GITHUB_TOKEN to a new token\. .*`actions: write`/,
    );
    expect(result.stderr.match(/GITHUB_FORBIDDEN/g)).toHaveLength(1);
    expect(github.requests).toHaveLength(1);
  });
});

describe('for you to mend:', () => {
  test.each([
    ['a token that may not start workflows', 'actions=write', /^Give the token in GITHUB_TOKEN `actions: write`\. /],
    ['where GitHub does not say which right', '', /`actions: write`/],
  ])('%s', async (_, permissions, hint) => {
    const [root, github] = [await folderOf('etl.yml'), await startGithubServer()];
    know(github, 'etl.yml');
    github.failNext({ path: STARTS }, forbidden(permissions));
    expectError(await look(root, github), 'GITHUB_FORBIDDEN', hint);
    expect(github.runs).toEqual([]);
    expect((await look(root, github)).json).toMatchObject({ outcome: 'dispatched' });
  });

  test('a repository that is not there', async () => {
    const [root, github] = [await folderOf('etl.yml'), await startGithubServer()];
    const args = ['watch', '--dispatch', 'owner/other', '--schedules', 'workflows', '--json'];
    expectError(await runCli(root, args, environment(github)), 'GITHUB_REFUSED', /Look whether it is there/);
  });

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['no token', ['owner/shop'], { GITHUB_TOKEN: '' }, /no token/],
    ['a repository that is no name', ['shop'], {}, /'shop' is invalid\. It must be a repository as owner\/name/],
    ['a folder that is not there', ['owner/shop', '--schedules', 'nowhere'], {}, /nowhere cannot be read: ENOENT/],
    ['an address that is none', ['owner/shop'], { GITHUB_API_URL: 'file:///etc' }, /file:\/\/\/etc/],
  ])('%s, before anything is asked', async (_, args, env, message) => {
    const [root, github] = [await temporaryFolder(), await startGithubServer()];
    const result = await runCli(root, ['watch', '--json', '--dispatch', ...args], { ...environment(github), ...env });
    expectError(result, 'OPTION_INVALID');
    expect(result.json['message']).toMatch(message);
    expect(github.requests).toEqual([]);
    expect(await readdir(root)).toEqual([]);
  });
});

function environment(github: GithubServer): Record<string, string> {
  return { GITHUB_API_URL: github.url, GITHUB_TOKEN: 'the-token' };
}

async function look(
  root: string,
  github: GithubServer,
  { json = true, args = [] }: { json?: boolean; args?: string[] } = {},
): Promise<CliResult> {
  const all = ['watch', '--dispatch', 'owner/shop', '--schedules', 'workflows', ...args, ...(json ? ['--json'] : [])];
  const result = await runCli(root, all, environment(github));
  expect(result.stdout + result.stderr).not.toContain('the-token');
  return result;
}

function expectError({ status, json }: CliResult, code: string, hint = /\w/): void {
  expect({ status, json }).toEqual({
    status: 2,
    json: {
      ...{ outcome: 'error', code, message: expect.any(String) as string },
      hint: expect.stringMatching(hint) as string,
    },
  });
}

async function folderOf(...files: string[]): Promise<string> {
  const root = await temporaryFolder();
  await writeWorkflows(root, ...files);
  return root;
}

/** Workflows that were due three hours ago. */
async function writeWorkflows(root: string, ...files: string[]): Promise<void> {
  await mkdir(path.join(root, 'workflows'));
  const text = `on:\n  schedule:\n    - cron: '${DAILY}'\n  workflow_dispatch:\n`;
  for (const file of files) await writeFile(path.join(root, 'workflows', file), text);
}

function know(github: GithubServer, file: string, state = 'active'): void {
  github.workflows.push({ file, state, createdAt: '2025-01-01T00:00:00Z' });
}

function dailyAt(time: Date): string {
  return `${time.getUTCMinutes()} ${time.getUTCHours()} * * *`;
}
