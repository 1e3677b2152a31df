import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ActRun } from '../workflows/act.ts';
import { CORE_ONLY } from '../workflows/project.ts';
import { shopWorld, type ShopWorld } from '../workflows/shop-world.ts';
import { noCluster } from './component.ts';

const NAMESPACE = 'cleaver-workflows';
const NODE_PORT = 30_082;
const URL = `http://127.0.0.1:${NODE_PORT}`;
const VALUES = `replicas: 1
settings: { CLEAVER_LINGER_MS: 2000 }
rollout: { minReadySeconds: 1 }
service: { type: NodePort, nodePort: ${NODE_PORT} }
`;
const run = promisify(execFile);

function results(act: ActRun): Record<string, string> {
  return Object.fromEntries(Object.entries(act.jobs).map(([name, { result }]) => [name, result]));
}

/** The real workflow files, the sample shop, and a cluster; the tests follow one another. */
describe.skipIf(noCluster)(`from the workflows to the cluster${noCluster ? ` (${noCluster})` : ''}`, () => {
  let world: ShopWorld;
  let folder = '';
  const remove = () => run('kubectl', ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
  beforeAll(async () => {
    await remove();
    folder = await mkdtemp(path.join(tmpdir(), 'cleaver-test-'));
    await writeFile(path.join(folder, 'values.yaml'), VALUES);
    world = await shopWorld({
      vars: {
        IMAGE: `${process.env['REGISTRY'] ?? ''}/${NAMESPACE}`,
        REGISTRY_PLAIN_HTTP: 'true',
        NAMESPACE,
        HELM_VALUES: path.join(folder, 'values.yaml'),
        BAKE_SECONDS: '5',
      },
    });
    world.change('chore: release to a cluster, and look at core only', CORE_ONLY);
    world.live(120);
  });
  afterAll(async () => {
    await world.close();
    await remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function image(): Promise<string> {
    const what = 'jsonpath={.items[0].spec.template.spec.containers[0].image}';
    return (await run('kubectl', ['-n', NAMESPACE, 'get', 'deployments', '-o', what])).stdout;
  }

  test('retrain.yml: the first model is trained, promoted, built into an image, and answers on the cluster', async () => {
    const act = await world.run('retrain.yml', 'workflow_dispatch', { inputs: { model: 'shop' } });
    expect(results(act), act.log).toMatchObject({ promote: 'success', deliver: 'success', production: 'success' });
    await vi.waitUntil(async () => (await world.served(URL)) === 'v1', { timeout: 20_000 });
  });

  test('main.yml: a commit is checked and its code answers on the cluster', async () => {
    const former = await image();
    const push = world.change('feat(service): a line that changes the image', {
      'service/server.ts': (text) => `${text}// One line more.\n`,
    });
    const act = await world.run('main.yml', 'push', push);
    expect(results(act), act.log).toMatchObject({ 'ci-ok': 'success', image: 'success', production: 'success' });
    expect(await image()).not.toBe(former);
    await vi.waitUntil(async () => (await world.served(URL)) === 'v1', { timeout: 20_000 });
  });

  test('retrain.yml again: of the new model only its layer is pushed, and it answers', async () => {
    world.live(40);
    const act = await world.run('retrain.yml', 'workflow_dispatch', { inputs: { model: 'shop' } });
    expect(results(act), act.log).toMatchObject({ promote: 'success', image: 'success', production: 'success' });
    await vi.waitUntil(async () => (await world.served(URL)) === 'v2', { timeout: 20_000 });
    const pushed = Number(/(\d+) of them pushed/.exec(act.log)?.[1]);
    process.stderr.write(`a new model: ${pushed} bytes pushed\n`);
    expect(pushed).toBeLessThan(1_000_000);
  });
});
