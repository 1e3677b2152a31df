import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { homeAt } from '../pipelines/adapters/home.ts';
import { makeApiKey } from '../service/access/api-keys.ts';
import { noCluster } from '../tests/cluster/component.ts';
import { SteadyLoad } from '../tests/cluster/steady-load.ts';
import { fakeVersion } from '../tests/support/fake-registry.ts';
import { runAction } from '../tests/support/run-action.ts';
import { CHART, helm, kubectl } from './testing/rendered-chart.ts';

const ROOT = path.join(import.meta.dirname, '..');
const NAMESPACE = 'cleaver-install';
const NODE_PORT = 30_091;
const SERVICE = 'app.kubernetes.io/component=service';

const hasMetrics = kubectl(['get', '--raw', '/apis/metrics.k8s.io/v1beta1/nodes']).status === 0;
const noMetrics = process.env['CI'] || hasMetrics ? undefined : ' (the cluster has no metrics API)';

/** The tests follow one another. */
describe.skipIf(noCluster)(`an installed chart${noCluster ? ` (${noCluster})` : ''}`, () => {
  const { key, line } = makeApiKey('shop', ['predict']);
  let root: string;
  let image: object;

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'cleaver-test-'));
    kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
    done(kubectl(['create', 'namespace', NAMESPACE]));
    done(kubectl(['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted']));
    done(kubectl(['-n', NAMESPACE, 'create', 'secret', 'generic', 'cleaver-keys', `--from-literal=keys=${line}`]));
    done(kubectl(['-n', NAMESPACE, 'create', 'secret', 'generic', 'test-key', `--from-literal=key=${key}`]));
  });

  afterAll(async () => {
    kubectl(['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
    await rm(root, { recursive: true, force: true });
  });

  function upgrade(...values: object[]) {
    const args = ['upgrade', '--install', 'shop', CHART, '-n', NAMESPACE, '--wait', '--timeout', '150s'];
    return helm(args, 'profiles/lite.yaml', { image, settings: { CLEAVER_LINGER_MS: 1000 } }, ...values);
  }

  /** The code as it stands, and one model. */
  async function build(): Promise<object> {
    const home = homeAt(path.join(root, 'state'));
    const registry = openFileRegistry(home.registry, home.work);
    const model = path.join(ROOT, 'tests', 'models', 'first.onnx');
    const { version } = await registry.register(model, fakeVersion('shop', 'v1', 'first'));
    await registry.setAlias('shop', 'champion', version);
    const inputs = { image: `${process.env['REGISTRY'] ?? ''}/cleaver-install`, 'plain-http': 'true' };
    const built = await runAction(root, 'build-image', { inputs, env: { GITHUB_WORKSPACE: ROOT } });
    expect(built.status, built.log).toBe(0);
    const [repository, digest] = (built.outputs['image'] ?? '').split('@');
    return { repository, digest };
  }

  function smoke() {
    return helm(['test', 'shop', '-n', NAMESPACE, '--logs', '--timeout', '120s']);
  }

  test('is ready in a namespace of the restricted profile, and `helm test` has each model score', async () => {
    image = await build();
    done(upgrade());
    const { status, stdout, stderr } = smoke();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/shop v1: a row of zeros scores 0\.5\./);
  });

  test('with keys `helm test` lets nobody in without one, and scores with one', () => {
    const apiKeys = { existingSecret: 'cleaver-keys' };
    done(upgrade({ apiKeys }));
    expect(smoke()).toMatchObject({ status: 0, stdout: expect.stringContaining('nobody gets in') as string });
    done(upgrade({ apiKeys, test: { existingSecret: 'test-key' } }));
    expect(smoke()).toMatchObject({ status: 0, stdout: expect.stringContaining('scores 0.5') as string });
  });

  test('the pods have no rights, no token and nowhere to write but for what is theirs', () => {
    const script = `const fs = require('node:fs');
      const writes = (folder) => { try { fs.writeFileSync(folder + '/x', ''); return true; } catch { return false; } };
      console.log(JSON.stringify({
        ids: [process.getuid(), process.getgid()],
        capabilities: /CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1],
        token: fs.existsSync('/var/run/secrets/kubernetes.io'),
        services: Object.keys(process.env).filter((name) => /^SHOP_CLEAVER_/.test(name)),
        writable: ['/', '/app', '/var/lib/cleaver/registry', '/tmp', '/var/lib/cleaver/predictions'].filter(writes),
      }));`;
    const { stdout, stderr } = kubectl([
      '-n',
      NAMESPACE,
      'exec',
      'deployment/shop-cleaver',
      '--',
      'node',
      '-e',
      script,
    ]);
    expect(JSON.parse(stdout || stderr)).toEqual({
      ids: [1000, 1000],
      capabilities: '0000000000000000',
      token: false,
      services: [],
      writable: ['/tmp', '/var/lib/cleaver/predictions'],
    });
  });

  test('an image that is nowhere fails by its name, and the pods that serve go on', () => {
    const before = podNames();
    const { status, stderr } = helm(['upgrade', 'shop', CHART, '-n', NAMESPACE, '--wait', '--timeout', '20s'], {
      image: { ...image, digest: `sha256:${'0'.repeat(64)}` },
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('shop-cleaver');
    expect(podNames()).toEqual(expect.arrayContaining(before));
    done(helm(['rollback', 'shop', '-n', NAMESPACE, '--wait', '--timeout', '150s']));
    expect(podNames()).toHaveLength(2);
  });

  test.skipIf(noMetrics)(
    `the autoscaler adds pods under load and takes them away after it, and no request fails${noMetrics ?? ''}`,
    async () => {
      const autoscaling = { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 100, scaleDownSeconds: 15 };
      const service = { type: 'NodePort', nodePort: NODE_PORT };
      done(upgrade({ service, autoscaling: { enabled: true, ...autoscaling } }));
      const url = `http://127.0.0.1:${NODE_PORT}/predict/shop`;
      await vi.waitUntil(() => replicas() === 1, { timeout: 240_000, interval: 1000 });
      const load = new SteadyLoad({ url, body: JSON.stringify({ row: { orders: 1, tier: 'basic' } }), perSecond: 200 });
      onTestFinished(() => load.stop());
      await vi.waitUntil(() => replicas() >= 2, { timeout: 180_000, interval: 1000 });
      await load.stop();
      await vi.waitUntil(() => replicas() === 1, { timeout: 240_000, interval: 1000 });
      expect(load.failed).toEqual([]);
    },
  );
});

function done({ status, stderr }: { status: number | null; stderr: string }): void {
  expect(status, stderr).toBe(0);
}

/** Of the pods that are ready and are not about to end. */
function podNames(): string[] {
  const columns =
    'jsonpath={range .items[?(@.status.phase=="Running")]}{.metadata.name} {.metadata.deletionTimestamp}\n{end}';
  const { stdout } = kubectl(['-n', NAMESPACE, 'get', 'pods', '-l', SERVICE, '-o', columns]);
  return stdout.split('\n').flatMap((text) => {
    const [name = '', ending = ''] = text.split(' ');
    return name === '' || ending !== '' ? [] : [name];
  });
}

/** How many pods the autoscaler wants. */
function replicas(): number {
  const { stdout } = kubectl(['-n', NAMESPACE, 'get', 'deployment', 'shop-cleaver', '-o', 'jsonpath={.spec.replicas}']);
  return Number(stdout);
}
