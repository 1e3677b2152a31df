import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { forbidden, startGithubServer, type GithubServer } from '../../tests/support/github-server.ts';
import { NOW, preparedModel, type LivingModel } from '../../tests/support/living-model.ts';
import { runAction, type ActionResult } from '../../tests/support/run-action.ts';
import { etl } from '../../pipelines/steps/etl.ts';

const BATCH = 'days-2025-01-16';
const DISPATCHES = { method: 'POST', path: '/repos/owner/shop/dispatches' };

/** A champion, and four new days in the mart: news. */
const withNews = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
  living.live(4, 'second');
  await living.run((context) => etl(context, { now: NOW }));
});

const watch = ({ root }: LivingModel, github: GithubServer, inputs: Record<string, string> = {}) =>
  runAction(root, 'watch', { inputs: { token: 'the-token', ...inputs }, env: { GITHUB_API_URL: github.url } });

describe('a batch of news', () => {
  test('starts retrain.yml once, over two looks', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    const results = [await watch(living, github), await watch(living, github)];
    expect(results.map(({ status, outputs, annotations }) => ({ status, outputs, annotations }))).toEqual(
      ['true', 'false'].map((dispatched) => ({
        status: 0,
        annotations: [],
        outputs: {
          outcome: 'retrain',
          reason: '4 new days since the training of 2025-01-12, a batch is 4',
          batch: BATCH,
          dispatched,
        },
      })),
    );
    expect(results.map(({ summary }) => summary.split('\n')[0])).toEqual([
      '### News: retraining started',
      '### News: retraining was started before',
    ]);
    expect(github.dispatches).toEqual([{ eventType: 'retrain', payload: { model: 'living', batch: BATCH } }]);
  });

  test('is asked for among the runs since its day, and by the name that retrain.yml gives them', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    await watch(living, github);
    const [look, send, ...more] = github.requests;
    expect(look?.path).toMatch(/actions\/workflows\/retrain\.yml\/runs\?.*event=repository_dispatch/);
    expect(decodeURIComponent(look?.path ?? '')).toContain('created=>=2025-01-16');
    expect([send?.path, more]).toEqual(['/repos/owner/shop/dispatches', []]);
  });

  test('whose answer was lost is not sent again: its run is found', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    github.failNext(DISPATCHES, 'lost');
    expectError(await watch(living, github), 'GITHUB_UNREACHABLE');
    expect(github.dispatches).toHaveLength(1);
    github.runs.push(runOf(`retrain living ${BATCH}`));
    expect((await watch(living, github)).outputs).toMatchObject({ outcome: 'retrain', dispatched: 'false' });
    expect(github.dispatches).toHaveLength(1);
  });

  test('sent by a run that was killed before it could record that is not sent again', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    await watch(living, github);
    const runs = path.join(living.home.runs, 'living');
    const records = (await readdir(runs)).filter((file) => file.includes('.dispatch-'));
    expect(records).toHaveLength(1);
    for (const record of records) await rm(path.join(runs, record));
    github.runs.push(runOf(`retrain living ${BATCH}`));
    expect((await watch(living, github)).outputs).toMatchObject({ dispatched: 'false' });
    expect(github.dispatches).toHaveLength(1);
  });

  test('is not taken for another: of another model, another batch, or a name that goes on', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    const titles = [`retrain other ${BATCH}`, 'retrain living days-2025-01-12', `retrain living ${BATCH}0`];
    github.runs.push(...titles.map(runOf));
    expect((await watch(living, github)).outputs).toMatchObject({ dispatched: 'true' });
  });

  test('seen by two looks at once starts one retraining', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    const results = await Promise.all([watch(living, github), watch(living, github)]);
    expect(results.map(({ outputs }) => outputs['dispatched']).sort()).toEqual(['false', 'true']);
    expect(github.dispatches).toHaveLength(1);
  });
});

test('no news starts nothing and asks GitHub nothing', async () => {
  const [living, github] = [await withNews(), await startGithubServer()];
  const { status, outputs } = await watch(living, github);
  expect(status).toBe(0);
  expect(outputs['outcome']).toBe('retrain');
  const asked = github.requests.length;
  await living.turn();
  expect((await watch(living, github)).outputs).toEqual({
    outcome: 'nothing-to-do',
    reason: '0 of 4 new days for a batch',
    dispatched: 'false',
  });
  expect(github.requests).toHaveLength(asked);
});

describe('what GitHub refuses is an error that says what to do, and the next look tries again:', () => {
  test.each([
    ['the permission to start it', DISPATCHES, forbidden('contents=write'), 'GITHUB_FORBIDDEN', /contents: write/],
    ['the permission to look', { method: 'GET' }, forbidden('actions=read'), 'GITHUB_FORBIDDEN', /actions: read/],
    [
      'more requests for an hour',
      DISPATCHES,
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 3600) },
        message: 'API rate limit exceeded',
      },
      'GITHUB_RATE_LIMITED',
      /\d{2}:\d{2}/,
    ],
  ] as const)('%s', async (_, request, answer, code, text) => {
    const [living, github] = [await withNews(), await startGithubServer()];
    github.failNext(request, answer);
    const refused = await watch(living, github);
    expectError(refused, code);
    expect(refused.annotations[0]?.message).toMatch(text);
    expect(github.dispatches).toEqual([]);
    expect((await watch(living, github)).outputs).toMatchObject({ dispatched: 'true' });
  });

  test('a look without a token, whether there is news or not', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    const { status, annotations } = await watch(living, github, { token: '' });
    expect([status, annotations[0]?.properties['title']]).toEqual([2, 'OPTION_INVALID']);
    expect(annotations[0]?.message).toContain('token');
  });

  test('and the token stands nowhere', async () => {
    const [living, github] = [await withNews(), await startGithubServer()];
    github.failNext(DISPATCHES, { status: 422, message: 'the-token is strange' });
    const { log, summary, outputs } = await watch(living, github);
    expect(log.startsWith('::add-mask::the-token\n')).toBe(true);
    expect(log.replaceAll(/^::add-mask::.*\n/gm, '') + summary + JSON.stringify(outputs)).not.toContain('the-token');
  });
});

function expectError({ status, annotations, outputs }: ActionResult, code: string): void {
  expect(annotations.map(({ level, properties }) => ({ level, ...properties }))).toEqual([
    { level: 'error', title: code },
  ]);
  expect(annotations[0]?.message).toMatch(/\nWhat to do: \w+ \S+/);
  expect(Object.keys(outputs)).toEqual(['error']);
  expect(status).toBe(2);
}

function runOf(title: string) {
  return { workflow: 'retrain.yml', title, event: 'repository_dispatch', createdAt: '2025-01-17T05:00:00Z' };
}
