import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { fakeCluster, MANIFEST, pageOf, podOf } from './fake-cluster.ts';
import type { Scene } from './fake-programs.ts';
import { inputs as schema } from './options.ts';
import { release } from './release.ts';

const IMAGE = `registry.example/shop@sha256:${'b'.repeat(64)}`;
const QUICK = { release: 'shop', namespace: 'shop', 'look-seconds': '0.002', 'bake-seconds': '0.1', image: IMAGE };

/** One run of the action's step, in this process. */
async function upgrade(cluster: ReturnType<typeof fakeCluster>, inputs: Record<string, string> = {}) {
  const [lines, annotations, outputs] = [[] as string[], [] as string[], {} as Record<string, unknown>];
  const given = schema.parse(
    Object.fromEntries(Object.entries({ ...QUICK, ...inputs }).filter(([, text]) => text !== '')),
  );
  const result = await release(given, {
    programs: cluster.programs,
    holder: 'this run',
    job: {
      line: (text) => lines.push(text),
      summarize: (text) => lines.push(text),
      annotate: (_, text) => annotations.push(text),
      onCancel: () => undefined,
      setOutputs: (given) => Object.assign(outputs, given),
    },
    onPlan: () => Promise.resolve(),
    lock: { leaseMs: 1000, renewMs: 20, lookMs: 10 },
  }).then(
    (released) => ({ released, error: undefined }),
    (error: unknown) => ({ released: undefined, error }),
  );
  return { ...result, cluster, log: lines.join('\n'), annotations, outputs };
}

const played = (scene: Scene, inputs: Record<string, string> = {}) => upgrade(fakeCluster(scene), inputs);

describe('a good release', () => {
  test('is planned, rolled out, tested and baked, and says so', async () => {
    const { cluster, released, log, annotations } = await played({});
    expect(annotations).toEqual([]);
    expect(released).toMatchObject({ outcome: 'deployed', revision: 4, formerRevision: 3 });
    expect(log).toContain('### shop: 0 created, 1 changed, 0 removed');
    const [dry, ...verbs] = cluster.calls().filter((call) => /^helm (upgrade|test|rollback)/.test(call));
    expect(dry).toContain('--dry-run=server');
    expect(verbs).toEqual([
      `helm upgrade shop helm/cleaver --install --namespace shop --create-namespace --set image.repository=registry.example/shop --set image.digest=sha256:${'b'.repeat(64)} --wait --rollback-on-failure --timeout 300s`,
      'helm test shop --namespace shop --timeout 300s',
    ]);
    expect(cluster.holder()).toBe('');
  });

  test('is rolled out by Helm 3 with its own flag', async () => {
    const { cluster, released } = await played({ helmVersion: 'v3.19.0' });
    expect(released?.outcome).toBe('deployed');
    expect(cluster.calls().find((call) => call.includes('--wait'))).toContain(' --wait --atomic --timeout 300s');
  });

  test('hands on files and values in their order', async () => {
    const { cluster } = await played({}, { values: 'one.yaml\n\n two.yaml', set: 'a=1\nb=2', image: '' });
    expect(cluster.calls().find((call) => call.includes('--wait'))).toContain(
      '--create-namespace --values one.yaml --values two.yaml --set a=1 --set b=2 --wait',
    );
  });

  test('that is a first install has no former revision, and makes its namespace', async () => {
    const scene: Scene = {
      history: [],
      pods: { former: [], new: [podOf('new')] },
      fails: { 'kubectl get namespace': { stderr: 'Error from server (NotFound): namespaces "shop" not found\n' } },
    };
    const { cluster, released } = await played(scene);
    expect(released).toMatchObject({ outcome: 'deployed', revision: 1, formerRevision: undefined });
    expect(cluster.calls().some((call) => call.startsWith('kubectl create namespace shop'))).toBe(true);
  });

  test('that changes nothing is not rolled out', async () => {
    const { cluster, released } = await played({ planned: MANIFEST.before });
    expect(released).toMatchObject({ outcome: 'unchanged', revision: 3 });
    expect(cluster.calls().filter((call) => call.includes('--wait'))).toEqual([]);
  });
});

describe('goes back', () => {
  const bad = async (scene: Scene, reason: RegExp, inputs: Record<string, string> = {}) => {
    const { cluster, ...result } = await played(scene, { 'bake-seconds': '60', ...inputs });
    expectError(result.error, 'RELEASE_ROLLED_BACK');
    expect(result.outputs).toMatchObject({ outcome: 'rolled-back', revision: cluster.lastRevision()?.revision });
    expect(result.outputs).toMatchObject({ 'former-revision': 3, reason: expect.stringMatching(reason) as string });
    expect(messageOf(result.error)).toBe(
      `${String(result.outputs['reason']).replace(/\.$/, '')}: revision 3 serves again.`,
    );
    expect(cluster.lastRevision()).toMatchObject({ status: 'deployed', description: 'Rollback to 3' });
    expect(cluster.holder()).toBe('');
  };

  test('at once when requests fail, long before the bake is over', async () => {
    const metrics = { old: pageOf({ requests: 1000 }), new: pageOf({ requests: 100, errors: 20 }) };
    await bad({ metrics }, /^20 of 100 requests failed with 5xx \(20 %, 0 % before\); the budget is 1 %$/);
  });

  test('while it is still being rolled out', async () => {
    const metrics = { old: pageOf({ requests: 1000 }), new: pageOf({ requests: 100, errors: 20 }) };
    await bad({ metrics, upgrade: { ms: 50_000 } }, /^20 of 100 requests failed/);
  });

  test('when p99 is over its budget', async () => {
    const metrics = { old: pageOf({ requests: 1000 }), new: pageOf({ requests: 1000, slow: 100 }) };
    await bad({ metrics }, /^p99 is 1000 ms over 1000 requests, 49.5 ms before; the budget is 100 ms$/);
  });

  test('when the scores are distributed otherwise', async () => {
    const scores = (rows: number[]) => pageOf({ requests: 100, scores: { v1: rows } });
    const metrics = { old: scores([900, 800, 700, 300, 300]), new: scores([100, 100, 300, 900, 1600]) };
    await bad(
      { metrics },
      /^the scores of shop are distributed otherwise than before: stability index 2\.12 over 3000 rows/,
    );
  });

  test('when its memory grows up to the limit', async () => {
    const pages = [100, 150, 200, 240, 245].map((memoryMb) => pageOf({ requests: 10, memoryMb }));
    const metrics = { old: pageOf({ requests: 1000 }), new: pages };
    await bad({ metrics }, /^pod new is at 96 % of its memory limit of 256 MiB, from \d+ MiB at first$/);
  });

  test('when a container will never come up: with the last line of its log, without waiting for helm', async () => {
    const container = {
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s' } },
      lastState: { terminated: { reason: 'Error', exitCode: 1 } },
    };
    const pods = { former: [podOf('old')], new: [podOf('new', { ready: false, container })] };
    await bad(
      { pods, upgrade: { ms: 50_000 }, log: 'MODEL_FILE_INVALID: champion.onnx does not load\n' },
      /^pod new: its container ended with status 1, 3 times: MODEL_FILE_INVALID: champion.onnx does not load$/,
    );
  });

  test('when helm gives up: with what kept the pods from being ready', async () => {
    const pods = { former: [podOf('old')], new: [podOf('new', { ready: false })] };
    const failed = { ms: 100, status: 1, stderr: 'Error: UPGRADE FAILED: context deadline exceeded\n' };
    await bad(
      { pods, upgrade: failed, reasons: ['No model is registered yet.'] },
      /is not ready: No model is registered yet\.$/,
    );
  });

  test.each([
    [
      'disk-pressure',
      'node.kubernetes.io/disk-pressure node.kubernetes.io/disk-pressure own/use',
      /taint\(s\)\.: node\.kubernetes\.io\/disk-pressure, own\/use, the disk of a node is nearly full$/,
    ],
    ['another one', 'own/use', /taint\(s\)\.: own\/use$/],
    ['one that we may not see', '', /taint\(s\)\.$/],
  ])('when no node takes a pod for its taint: %s', async (_, taints, reason) => {
    const message = '0/1 nodes are available: 1 node(s) had untolerated taint(s).';
    const status = { conditions: [{ type: 'PodScheduled', status: 'False', message }], containerStatuses: [] };
    const pods = { former: [podOf('old')], new: [podOf('new', { ready: false, status })] };
    const failed = { ms: 100, status: 1, stderr: 'Error: UPGRADE FAILED: context deadline exceeded\n' };
    await bad({ pods, upgrade: failed, taints }, reason);
  });

  test('when helm gives up and no pod says why', async () => {
    const failed = { status: 1, stderr: 'Error: UPGRADE FAILED: cannot patch "shop" with kind Service\n' };
    await bad({ upgrade: failed }, /^Error: UPGRADE FAILED: cannot patch "shop" with kind Service$/);
  });

  test('when its own test fails', async () => {
    const fails = { 'helm test': { stderr: 'Error: 1 error occurred:\n\t* pod shop-test failed\n' } };
    await bad({ fails }, /^helm test failed: Error: 1 error occurred:\n\* pod shop-test failed$/);
  });

  test('from a first install to nothing', async () => {
    const metrics = { new: pageOf({ requests: 100, errors: 20 }) };
    const { cluster, ...result } = await played({ history: [], metrics, pods: { new: [podOf('new')] } });
    expectError(result.error, 'RELEASE_ROLLED_BACK');
    expect(messageOf(result.error)).toContain('it was removed, as there was none before');
    expect(cluster.calls().some((call) => call.startsWith('helm uninstall shop'))).toBe(true);
  });

  test('and says so when that fails too', async () => {
    const metrics = { new: pageOf({ requests: 100, errors: 20 }) };
    const fails = { 'helm rollback': { stderr: 'Error: Kubernetes cluster unreachable: connection refused\n' } };
    const result = await played({ metrics, fails });
    expectError(result.error, 'ROLLBACK_FAILED');
    expect(messageOf(result.error)).toMatch(
      /20 of 100 requests failed.*going back failed: helm rollback: .*unreachable/,
    );
  });
});

describe('a challenger in the pods', () => {
  const rows = [600, 500, 400, 300, 200];
  const judged = (scores: Record<string, number[]>, canaryFailures = 0) =>
    played(
      { metrics: { old: pageOf({ requests: 10 }), new: pageOf({ requests: 100, scores, canaryFailures }) } },
      { compare: 'challenger' },
    );

  test('that scores alike and does not fail is promoted', async () => {
    const { released, log } = await judged({ v1: rows, v2: rows });
    expect(released).toMatchObject({ outcome: 'deployed', verdict: 'promoted' });
    expect(log).toMatch(/The challenger is promoted: .*shop v2 scores 2000 rows/);
  });

  test.each([
    ['that fails is dropped', { v1: rows, v2: rows }, 200, 'dropped', /^shop v2 failed 200 of 2200 times/],
    [
      'that scores otherwise is dropped',
      { v1: rows, v2: [...rows].reverse() },
      0,
      'dropped',
      /^shop v2 scores 2000 rows/,
    ],
    ['with few rows is undecided', { v1: rows, v2: [9, 9, 9, 9, 9] }, 0, 'undecided', /: 45 of 500 rows to compare$/],
    ['that is not there is undecided', { v1: rows }, 0, 'undecided', /^no pod of the release has a challenger/],
  ] as const)('%s, and the former release serves again', async (_, scores, failures, verdict, reason) => {
    const { released, cluster, log } = await judged({ ...scores } as Record<string, number[]>, failures);
    expect(log).toContain(`The challenger is ${verdict}: ${released?.reason}`);
    expect(released).toMatchObject({ outcome: 'rolled-back', verdict, formerRevision: 3 });
    expect(released?.reason).toMatch(reason);
    expect(cluster.lastRevision()).toMatchObject({ description: 'Rollback to 3' });
  });
});

describe('refuses before anything is changed', () => {
  const refusals: [string, Scene['fails'], string, RegExp][] = [
    [
      'a cluster that is down',
      {
        kubectl: {
          stderr: 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n',
        },
      },
      'CLUSTER_UNREACHABLE',
      /^kubectl get: The connection to the server/,
    ],
    [
      'a user without rights',
      {
        'kubectl create': {
          stderr: 'Error from server (Forbidden): leases is forbidden: User "ci" cannot create resource "leases"\n',
        },
      },
      'CLUSTER_FORBIDDEN',
      /User "ci" cannot create/,
    ],
    [
      'a value of the wrong type',
      {
        'helm upgrade': {
          stderr:
            "Error: values don't meet the specifications of the schema(s) in the following chart(s):\ncleaver:\n- at '/replicas': got string, want integer\n",
        },
      },
      'CHART_REFUSED',
      /at '\/replicas': got string, want integer/,
    ],
    [
      'an object that the API server refuses',
      {
        'kubectl apply': {
          stderr: 'Error from server (Invalid): Deployment.apps "shop" is invalid: spec.selector: field is immutable\n',
        },
      },
      'CLUSTER_REFUSED',
      /field is immutable/,
    ],
    [
      'an image signed by nobody',
      { cosign: { stderr: 'Error: no signatures found\nerror during command execution: no signatures found\n' } },
      'IMAGE_UNTRUSTED',
      /^cosign verify: Error: no signatures found/,
    ],
    [
      'an image whose registry is down',
      {
        cosign: {
          stderr: 'Error: Get "https://registry.example/v2/": dial tcp 10.0.0.2:443: connect: connection refused\n',
        },
      },
      'IMAGE_REGISTRY_UNREACHABLE',
      /^cosign verify: Error: Get "https:\/\/registry.example/,
    ],
    [
      'a history that cannot be read',
      {
        'helm history': {
          stderr:
            'Error: Kubernetes cluster unreachable: Get "https://10.0.0.1:6443/version": dial tcp 10.0.0.1:6443: i/o timeout\n',
        },
      },
      'CLUSTER_UNREACHABLE',
      /^helm history: Error: Kubernetes cluster unreachable/,
    ],
    [
      'a lease that cannot be written',
      { 'kubectl replace': { stderr: 'Error from server (Forbidden): leases is forbidden\n' } },
      'CLUSTER_FORBIDDEN',
      /^kubectl replace: .*leases is forbidden/,
    ],
    [
      'a program that says nothing',
      { 'helm version': { status: 3, stderr: '' } },
      'CHART_REFUSED',
      /^helm version: it ended with status 3 and said nothing/,
    ],
  ];

  test.each(refusals)('%s', async (_, fails = {}, code, text) => {
    const cluster = fakeCluster({ fails });
    cluster.lease('', 30);
    const { error } = await upgrade(cluster, { 'verify-key': 'cosign.pub', 'plain-http': 'true' });
    expectError(error, code);
    expect(messageOf(error)).toMatch(text);
    expect(cluster.lastRevision()).toMatchObject({ revision: 3 });
    expect(cluster.holder()).toBe('');
  });
});

describe('of several deploys', () => {
  test('the second waits, and says for whom', async () => {
    const cluster = fakeCluster();
    cluster.lease('another run', 60);
    const { error, log } = await upgrade(cluster, { 'wait-seconds': '1' });
    expectError(error, 'RELEASE_BUSY');
    expect(messageOf(error)).toBe('shop is being released by another run: another run');
    expect(log).toContain('Waiting for another run');
    expect(cluster.holder()).toBe('another run');
  });

  test('one that was killed gives way, and what it left is recovered', async () => {
    const history = [
      { revision: 3, status: 'deployed' },
      { revision: 4, status: 'pending-upgrade' },
    ];
    const cluster = fakeCluster({ history });
    cluster.lease('a killed run', 1);
    const { released, annotations } = await upgrade(cluster);
    expect(released?.outcome).toBe('deployed');
    expect(annotations).toEqual([expect.stringContaining('revision 4 was left in pending-upgrade')]);
    expect(cluster.calls().find((call) => call.startsWith('helm rollback'))).toContain('rollback shop 3');
  });

  test('a first install that was killed is removed', async () => {
    const { cluster, released } = await played({ history: [{ revision: 1, status: 'pending-install' }] });
    expect(released?.outcome).toBe('deployed');
    expect(cluster.calls().some((call) => call.startsWith('helm uninstall shop'))).toBe(true);
  });
});

test('a release whose lock is lost is left to whoever has it now', async () => {
  const cluster = fakeCluster({ upgrade: { ms: 60_000 } });
  const running = upgrade(cluster);
  while (!cluster.calls().some((call) => call.includes('--wait'))) await sleep(5);
  cluster.lease('another run', 60);
  const { error } = await running;
  expectError(error, 'RELEASE_BUSY');
  expect(messageOf(error)).toContain('The lock on the release was lost');
  expect(cluster.calls().filter((call) => /^helm (rollback|uninstall)/.test(call))).toEqual([]);
  expect(cluster.holder()).toBe('another run');
});

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

function expectError(error: unknown, code: string): void {
  expect(error).toBeInstanceOf(CleaverError);
  expect(error).toMatchObject({ code, hint: expect.stringMatching(/^\w+ \S+/) as string });
}
