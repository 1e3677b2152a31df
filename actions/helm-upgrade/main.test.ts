import { describe, expect, test } from 'vitest';
import { startGithubServer } from '../../tests/support/github-server.ts';
import { runAction, startAction, type ActionResult } from '../../tests/support/run-action.ts';
import { fakeClusterOnPath, pageOf } from './fake-cluster.ts';

const IMAGE = `registry.example/shop@sha256:${'b'.repeat(64)}`;
const QUICK = { release: 'shop', namespace: 'shop', 'look-seconds': '0.1', 'bake-seconds': '1', image: IMAGE };

type OnPath = Awaited<ReturnType<typeof fakeClusterOnPath>>;

const upgrade = (cluster: OnPath, inputs: Record<string, string> = {}, env: Record<string, string> = {}) =>
  runAction(cluster.root, 'helm-upgrade', { inputs: { ...QUICK, ...inputs }, env: { ...cluster.env, ...env } });

test('a good release is deployed, with its outputs and a summary', async () => {
  const cluster = await fakeClusterOnPath();
  const { status, outputs, summary, annotations } = await upgrade(cluster);
  expect([status, annotations]).toEqual([0, []]);
  expect(outputs).toMatchObject({ outcome: 'deployed', revision: '4', 'former-revision': '3', image: IMAGE });
  expect(outputs['seconds']).toMatch(/^\d+$/);
  expect(summary).toContain('### shop: 0 created, 1 changed, 0 removed');
  expect(summary).toMatch(/### Deployed: revision 4, after \d+ s/);
  expect(cluster.holder()).toBe('');
});

test('a bad one is rolled back, and the job is red with the reason', async () => {
  const metrics = { old: pageOf({ requests: 1000 }), new: pageOf({ requests: 100, errors: 20 }) };
  const cluster = await fakeClusterOnPath({ metrics });
  const result = await upgrade(cluster, { 'bake-seconds': '600' });
  expectError(result, 'RELEASE_ROLLED_BACK');
  expect(result.outputs).toMatchObject({ outcome: 'rolled-back', revision: '5', 'former-revision': '3' });
  expect(result.outputs['reason']).toMatch(/^20 of 100 requests failed/);
  expect(result.summary).toContain('### Rolled back\n\n- 20 of 100 requests failed');
});

test('a dry run changes nothing and tells the pull request', async () => {
  const [cluster, github] = [await fakeClusterOnPath(), await startGithubServer()];
  github.pulls.push({ number: 7, title: 'feat: more replicas' });
  const inputs = { 'dry-run': 'true', 'pull-request': '7', token: 'the-token', environment: 'staging' };
  const { status, outputs } = await upgrade(cluster, inputs, { GITHUB_API_URL: github.url });
  expect([status, outputs['outcome']]).toEqual([0, 'planned']);
  expect(github.comments).toMatchObject([{ body: expect.stringContaining('<!-- cleaver-plan:staging -->') as string }]);
  expect(cluster.calls().filter((call) => /--wait|lease|create /.test(call))).toEqual([]);
});

describe('refuses', () => {
  test('a runner without helm', async () => {
    const cluster = await fakeClusterOnPath();
    const result = await upgrade(cluster, {}, { PATH: cluster.root });
    expectError(result, 'TOOL_MISSING');
    expect(result.annotations[0]?.message).toMatch(/^helm is not on the PATH/);
  });

  test('a value of the wrong type, with what helm says of it', async () => {
    const stderr =
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\ncleaver:\n- at '/replicas': got string, want integer\n";
    const cluster = await fakeClusterOnPath({ fails: { 'helm upgrade': { stderr } } });
    const result = await upgrade(cluster);
    expectError(result, 'CHART_REFUSED');
    expect(result.annotations[0]?.message).toContain("at '/replicas': got string, want integer");
    expect(cluster.lastRevision()?.revision).toBe(3);
  });

  test('inputs that cannot be used, all at once', async () => {
    const cluster = await fakeClusterOnPath();
    const inputs = { image: 'shop:latest', 'error-rate': '2', 'prometheus-url': 'prometheus' };
    const result = await upgrade(cluster, inputs);
    expectError(result, 'OPTION_INVALID');
    expect(result.annotations[0]?.message).toMatch(/image: must be name@sha256.*\n.*error-rate.*\n.*prometheus-url/);
  });
});

test('a cancelled one leaves the former release serving and gives the lock back', async () => {
  const cluster = await fakeClusterOnPath({ upgrade: { ms: 50_000 } });
  const action = await startAction(cluster.root, 'helm-upgrade', { inputs: QUICK, env: cluster.env });
  await action.said('1 of 1 new pods are ready');
  action.kill('SIGTERM');
  const { status } = await action.ended;
  expect(status).toBe(143);
  expect(cluster.lastRevision()).toMatchObject({ status: 'deployed', description: 'Rollback to 3' });
  expect(cluster.holder()).toBe('');
});

function expectError({ status, annotations, outputs }: ActionResult, code: string): void {
  expect(annotations.map(({ level, properties }) => ({ level, ...properties }))).toEqual([
    { level: 'error', title: code },
  ]);
  expect(annotations[0]?.message).toMatch(/\nWhat to do: \w+ \S+/);
  expect(outputs['error']).toMatch(new RegExp(`^${code}: `));
  expect(status).toBe(2);
}
