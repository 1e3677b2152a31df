import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { runAction, startAction, type ActionResult } from '../../tests/support/run-action.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { openSlowWay } from './fixtures/slow-way.ts';

const exec = promisify(execFile);
const CHART = path.join(import.meta.dirname, 'fixtures', 'chart');
const NAMESPACE = `release-${randomBytes(4).toString('hex')}`;
const RELEASE = 'pretender';
/** Where the registry is ours it says that an image is not there. */
const ELSEWHERE =
  process.env['REGISTRY'] === undefined ? {} : { 'image.repository': `${process.env['REGISTRY']}/library/node` };
const missing = missingTools();

if (missing !== undefined && process.env['CI'] !== undefined) throw new Error(missing);

const inputs = (values: Record<string, string | number>, more: Record<string, string> = {}) => ({
  ...{ release: RELEASE, namespace: NAMESPACE, chart: CHART, 'look-seconds': '1', 'bake-seconds': '5' },
  ...{ 'timeout-seconds': '120', 'wait-seconds': '0' },
  set: Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n'),
  ...more,
});

async function upgrade(values: Record<string, string | number>, more: Record<string, string> = {}, env = {}) {
  const start = performance.now();
  const result = await runAction(await temporaryFolder(), 'helm-upgrade', { inputs: inputs(values, more), env });
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${JSON.stringify(values)}: ${seconds.toFixed(1)} s, ${result.outputs['reason'] ?? result.outputs['error'] ?? ''}`,
  );
  return { ...result, seconds };
}

async function kubectl(...args: string[]): Promise<string> {
  return (await exec('kubectl', ['--namespace', NAMESPACE, ...args])).stdout;
}

/** What the ready pods of the release do. */
async function serving(): Promise<string[]> {
  const { items } = JSON.parse(await kubectl('get', 'pods', '--output', 'json')) as {
    items: {
      metadata: { deletionTimestamp?: string; annotations: { round: string } };
      status: { conditions: { type: string; status: string }[] };
    }[];
  };
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ status }) => status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    .map(({ metadata }) => metadata.annotations.round);
}

async function lastRevision(): Promise<{ revision: number; status: string; description: string } | undefined> {
  const { stdout } = await exec('helm', ['history', RELEASE, '--namespace', NAMESPACE, '--output', 'json']);
  return (JSON.parse(stdout) as { revision: number; status: string; description: string }[]).at(-1);
}

/** The processes that a process has started and that run. */
async function childrenOf(pid: number | undefined): Promise<number[]> {
  if (pid === undefined) throw new Error('The process was not started.');
  const { stdout } = await exec('ps', ['-axo', 'pid=,ppid=']);
  const lines = stdout.split('\n').map((line) => line.trim().split(/ +/).map(Number));
  return lines.flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []));
}

const holder = () => kubectl('get', 'lease', `${RELEASE}-release`, '--output', 'jsonpath={.spec.holderIdentity}');

describe.skipIf(missing !== undefined)(`on a cluster${missing === undefined ? '' : `: ${missing}`}`, () => {
  afterAll(async () => {
    await exec('kubectl', ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait=false']);
  });

  test('a first install that crashes is removed again, with the last line of its log', async () => {
    const result = await upgrade({ behaviour: 'crash' });
    expectRolledBack(
      result,
      /^pod pretender-\S+: its container ended with status 3, 3 times: MODEL_FILE_INVALID: the champion/,
    );
    await expect(lastRevision()).rejects.toThrow('not found');
    expect(await holder()).toBe('');
  });

  test('a first install on an empty namespace', async () => {
    const { status, outputs } = await upgrade({ round: 1 });
    expect([status, outputs['outcome'], outputs['revision']]).toEqual([0, 'deployed', '1']);
    expect(await serving()).toEqual(['1']);
  });

  test('the same again changes nothing', async () => {
    const { outputs } = await upgrade({ round: 1 });
    expect(outputs).toMatchObject({ outcome: 'unchanged', revision: '1' });
  });

  test('a dry run tells what would change', async () => {
    const { outputs, summary } = await upgrade({ round: 1, replicas: 2 }, { 'dry-run': 'true' });
    expect(outputs['outcome']).toBe('planned');
    expect(summary).toContain('| Deployment pretender | spec.replicas | 1 | 2 |');
    expect(await serving()).toEqual(['1']);
  });

  test('the next one', async () => {
    const { status, outputs } = await upgrade({ round: 2 });
    expect([status, outputs['outcome'], outputs['former-revision']]).toEqual([0, 'deployed', '1']);
    expect(await serving()).toEqual(['2']);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'an image that crashes',
      { behaviour: 'crash' },
      /ended with status 3, \d times: MODEL_FILE_INVALID: the champion does not load$/,
    ],
    [
      'an image that is not there',
      { 'image.tag': 'no-such-tag', ...ELSEWHERE },
      /the image \S+:no-such-tag cannot be pulled \(\w+\): \S/,
    ],
    [
      'one that is never ready',
      { behaviour: 'never-ready' },
      /it runs, but is not ready: No model is registered yet\.$/,
    ],
    [
      'one that fails once it is ready',
      { behaviour: 'errors' },
      /^\d+ of \d+ requests failed with 5xx \([\d.]+ %, 0 % before\); the budget is 1 %$/,
    ],
    [
      'one that leaks memory',
      { behaviour: 'leak' },
      /% of its memory limit of 128 MiB, from \d+ MiB at first$|was restarted/,
    ],
  ])('%s is rolled back, and the old one serves', async (_, values, reason) => {
    const result = await upgrade({ ...values, round: '3' }, { 'bake-seconds': '120', 'timeout-seconds': '30' });
    expectRolledBack(result, reason);
    expect(await serving()).toEqual(['2']);
    expect(await lastRevision()).toMatchObject({
      status: 'deployed',
      description: expect.stringMatching(/^Rollback to/) as string,
    });
    expect(await holder()).toBe('');
  });

  test.each<[string, Record<string, string>, Record<string, string>, string, RegExp]>([
    ['a value of the wrong type', { replicas: 'many' }, {}, 'CHART_REFUSED', /replicas/],
    ['a kubeconfig that is not there', {}, { KUBECONFIG: '/no/such/file' }, 'CLUSTER_UNREACHABLE', /KUBECONFIG/],
  ])('%s is refused, and nothing changes', async (_, values, env, code, text) => {
    const { status, outputs } = await upgrade({ ...values, round: '4' }, {}, env);
    expect(status).toBe(2);
    expect(outputs['error']).toMatch(new RegExp(`^${code}: `));
    expect(outputs['error']).toMatch(text);
    expect(await serving()).toEqual(['2']);
  });

  test('a cluster that is down is told', async () => {
    const file = path.join(await temporaryFolder(), 'kubeconfig');
    const cluster = { name: 'x', cluster: { server: 'http://127.0.0.1:9' } };
    const context = { name: 'x', context: { cluster: 'x', user: '' } };
    await writeFile(
      file,
      JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'Config', clusters: [cluster] },
        contexts: [context],
        'current-context': 'x',
      }),
    );
    const { outputs } = await upgrade({}, {}, { KUBECONFIG: file });
    expect(outputs['error']).toMatch(/^CLUSTER_UNREACHABLE: kubectl get: .*127\.0\.0\.1:9/);
  });

  test('while no node takes a pod, as when its disk is nearly full, the old one serves', async () => {
    const taint = `${NAMESPACE}/disk-pressure`;
    await kubectl('taint', 'nodes', '--all', `${taint}=:NoSchedule`);
    onTestFinished(async () => {
      await kubectl('taint', 'nodes', '--all', `${taint}-`);
    });
    const result = await upgrade({ round: 4 }, { 'timeout-seconds': '20' });
    expectRolledBack(result, /: no node takes it: .*disk-pressure, the disk of a node is nearly full$/);
    expect(await serving()).toEqual(['2']);
  });

  test('a cluster that is slow, and stands still for a while, is released to all the same', async () => {
    const kubeconfig = path.join(await temporaryFolder(), 'kubeconfig');
    const way = await openSlowWay(kubeconfig, 200);
    onTestFinished(() => {
      way.close();
    });
    const running = await startAction(await temporaryFolder(), 'helm-upgrade', {
      inputs: inputs({ round: 4 }),
      env: { KUBECONFIG: kubeconfig },
    });
    await running.said('of 1 new pods are ready');
    way.standStill(15_000);
    const { status, outputs, log } = await running.ended;
    expect([status, outputs['outcome']], log).toEqual([0, 'deployed']);
    expect(await serving()).toEqual(['4']);
  });

  test('of two at once one is told to wait, and a cancelled one goes back and frees the lock', async () => {
    const first = await startAction(await temporaryFolder(), 'helm-upgrade', {
      inputs: inputs({ behaviour: 'never-ready', round: 5 }),
    });
    await first.said('0 of 1 new pods are ready');
    const second = await upgrade({ round: 6 });
    expect(second.outputs['error']).toMatch(/^RELEASE_BUSY: pretender is being released by another run: https/);
    first.kill('SIGINT');
    expect((await first.ended).status).toBe(130);
    expect(await holder()).toBe('');
    expect(await lastRevision()).toMatchObject({
      status: 'deployed',
      description: expect.stringMatching(/^Rollback to/) as string,
    });
    expect(await serving()).toEqual(['4']);
  });

  test('one that was killed in the middle gives way, and the next one recovers the release', async () => {
    const killed = await startAction(await temporaryFolder(), 'helm-upgrade', {
      inputs: inputs({ behaviour: 'never-ready', round: 7 }),
    });
    await killed.said('0 of 1 new pods are ready');
    expect((await lastRevision())?.status).toBe('pending-upgrade');
    // The job with all that it started, as when the power goes.
    const children = await childrenOf(killed.pid);
    for (const pid of children) process.kill(pid, 'SIGKILL');
    killed.kill('SIGKILL');
    await killed.ended;
    const { status, outputs, annotations } = await upgrade({ round: 8 }, { 'wait-seconds': '120' });
    expect([status, outputs['outcome']]).toEqual([0, 'deployed']);
    expect(annotations[0]?.message).toMatch(
      /was left in pending-upgrade by a deploy that did not end; it was rolled back to revision/,
    );
    expect(await serving()).toEqual(['8']);
  });
});

function expectRolledBack({ status, outputs }: ActionResult, reason: RegExp): void {
  expect(outputs['error']).toMatch(/^RELEASE_ROLLED_BACK: /);
  expect(outputs['reason']).toMatch(reason);
  expect([status, outputs['outcome']]).toEqual([2, 'rolled-back']);
}

/** Why this cannot run here; undefined when it can. */
function missingTools(): string | undefined {
  try {
    execFileSync('helm', ['version'], { stdio: 'pipe' });
    execFileSync('kubectl', ['get', 'namespaces', '--request-timeout', '10s'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `helm, kubectl or their cluster are not there: ${String(error).split('\n')[0] ?? ''}`;
  }
}
