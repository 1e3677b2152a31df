import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { forbidden, startGithubServer, type GithubServer } from '../../tests/support/github-server.ts';
import { preparedModel, type LivingModel } from '../../tests/support/living-model.ts';
import { runAction, type ActionResult, type ActionRun } from '../../tests/support/run-action.ts';

/** v2 took the place of v1, some of whose days have mature labels. */
const judged = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
  living.live(8, 'second');
  await living.turn();
});

const MARK = '<!-- cleaver-report: living -->\n';
const PULL_REQUEST = { name: 'pull_request', payload: { pull_request: { number: 7, head: { sha: 'a'.repeat(40) } } } };

let living: LivingModel;
let server: GithubServer;

beforeEach(async () => {
  living = await judged();
  server = await startGithubServer();
  server.pulls.push({ number: 7, title: 'feat: more features' });
});

async function report({ inputs = {}, env = {}, ...run }: ActionRun = {}): Promise<ActionResult> {
  const given = { token: 'ghs_token', ...inputs };
  return await runAction(living.root, 'report', { ...run, inputs: given, env: { GITHUB_API_URL: server.url, ...env } });
}

test('an issue is opened for a model, then updated; it says what the summary says', async () => {
  const first = await report();
  expect([first.status, first.annotations]).toEqual([0, []]);
  const url = 'https://github.com/owner/shop/issues/8';
  expect(first.outputs).toEqual({ outcome: 'created', url, drift: 'false' });
  expect(first.summary).toMatch(/^## ✅ v2 passed the gate against v1\n/);
  expect(server.issues).toMatchObject([{ title: 'Report: living', labels: ['cleaver-report'] }]);
  expect(server.issues[0]?.body.trimEnd()).toBe(MARK + first.summary.trimEnd());
  expect(first.summary).toContain('(https://github.com/owner/shop/actions/runs/1234) · commit `000000000000`');

  const again = await report();
  expect(again.outputs).toEqual({ outcome: 'updated', url, drift: 'false' });
  expect([server.issues.length, server.comments.length]).toEqual([1, 0]);
});

test('on a pull request it is one comment, of the commit that was pushed', async () => {
  expect((await report({ event: PULL_REQUEST })).outputs['outcome']).toBe('created');
  expect((await report({ event: PULL_REQUEST })).outputs['outcome']).toBe('updated');
  expect(server.comments).toHaveLength(1);
  expect(server.comments[0]).toMatchObject({
    issue: 7,
    body: expect.stringContaining('commit `aaaaaaaaaaaa`') as string,
  });
  expect(server.issues).toEqual([]);
});

test('the judgement that the workflow names is told, an older one too; one that is not there is an error', async () => {
  const records = await readdir(path.join(living.home.runs, 'living'));
  const [first = ''] = records.filter((file) => file.includes('.evaluate-')).sort();
  const judgement = /evaluate-[0-9a-f]+/.exec(first)?.[0] ?? '';
  expect((await report({ inputs: { judgement } })).summary).toMatch(/^## ✅ v1 passed the gate\n/);

  const unknown = await report({ inputs: { judgement: 'evaluate-000000000000' } });
  expect(unknown.status).toBe(2);
  expect(unknown.outputs['error']).toBe(
    'OPTION_INVALID: There is no judgement evaluate-000000000000 of living.\nWhat to do: Give the output `judgement` of the step evaluate on the same runner, or leave the input out.',
  );
});

test('a lacking permission is a warning that names it; the job goes on, and the report is in the summary', async () => {
  server.failNext({ method: 'POST' }, forbidden('issues=write'));
  const { status, outputs, summary, annotations } = await report();
  expect([status, outputs]).toEqual([0, { outcome: 'not-posted', drift: 'false' }]);
  expect(summary).toContain('## ✅ v2 passed the gate against v1');
  expect(annotations).toMatchObject([{ level: 'warning', properties: { title: 'GITHUB_FORBIDDEN' } }]);
  expect(annotations[0]?.message).toMatch(
    /^The report is in the summary only\. .*\nWhat to do: Add `issues: write` under `permissions:` of the job in the workflow\.$/,
  );
});

test.each([
  [
    'GITHUB_RATE_LIMITED',
    { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4102444800' } },
  ],
  ['GITHUB_REFUSED', { status: 410 }],
  ['GITHUB_FORBIDDEN', { status: 401 }],
])('%s is a warning', async (code, answer) => {
  server.failNext({}, answer);
  const { status, outputs, annotations } = await report();
  expect([status, outputs['outcome']]).toEqual([0, 'not-posted']);
  expect(annotations).toMatchObject([{ level: 'warning', properties: { title: code } }]);
});

test('without a token it is in the summary', async () => {
  const { status, outputs, summary, annotations } = await report({ inputs: { token: '' } });
  expect([status, outputs['outcome']]).toEqual([0, 'not-posted']);
  expect(summary).toContain('## ✅ v2 passed the gate');
  expect(annotations[0]?.message).toContain('token: ${{ github.token }}');
});

test('faults of GitHub are got over; when it is down to the end, that is a warning', async () => {
  server.failNext({ method: 'GET' }, { status: 502 });
  server.failNext({ method: 'GET' }, 'hang');
  server.failNext({ method: 'POST' }, 'lost');
  const [passing, down] = await Promise.all([
    report(),
    report({ inputs: { 'wait-seconds': '60' }, env: { GITHUB_API_URL: 'http://127.0.0.1:9' } }),
  ]);
  expect([passing.status, passing.outputs['outcome'], passing.annotations]).toEqual([0, 'created', []]);
  expect(server.issues).toHaveLength(1);
  expect([down.status, down.outputs['outcome']]).toEqual([0, 'not-posted']);
  expect(down.annotations).toMatchObject([{ level: 'warning', properties: { title: 'GITHUB_UNREACHABLE' } }]);
});

test('an answer that GitHub would never give is told as a bug; the report is in the summary all the same', async () => {
  const odd = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('[null]');
  });
  onTestFinished(() => void odd.close());
  odd.listen(0, '127.0.0.1');
  await once(odd, 'listening');
  const url = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
  const { status, outputs, summary, annotations } = await report({ env: { GITHUB_API_URL: url } });
  expect(status).toBe(1);
  expect(outputs['error']).toMatch(/^BUG: Cannot read properties of null/);
  expect(annotations).toMatchObject([{ level: 'error', properties: { title: 'BUG' } }]);
  expect(summary).toContain('## ✅ v2 passed the gate against v1');
});

test('a report that is too long for GitHub is cut there, and whole in the summary', async () => {
  const folder = path.join(living.home.runs, 'living');
  const file = path.join(
    folder,
    (await readdir(folder))
      .filter((name) => name.includes('.evaluate-'))
      .sort()
      .at(-1) ?? '',
  );
  const record = JSON.parse(await readFile(file, 'utf8')) as { result: { reasons: string[] } };
  record.result.reasons = Array.from({ length: 2000 }, (_, at) => `reason ${at} ${'lost_feature '.repeat(4)}`);
  await writeFile(file, JSON.stringify(record));
  const { summary, outputs } = await report();
  expect(outputs['outcome']).toBe('created');
  const body = server.issues[0]?.body ?? '';
  expect([body.length <= 65_536, body.length > 65_000, summary.length > 100_000]).toEqual([true, true, true]);
  expect(body).toContain('_Cut here: GitHub takes');
  expect(summary).toContain('- reason 1999 ');
});

test('the token is nowhere to be seen', async () => {
  server.failNext({}, { status: 401, message: 'Bad credentials: ghs_token' });
  const { log, summary, outputs, annotations } = await report();
  const seen = log.replaceAll('::add-mask::ghs_token', '');
  expect(JSON.stringify([seen, summary, outputs, annotations])).not.toContain('ghs_token');
});
