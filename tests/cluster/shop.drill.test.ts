import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { markdownTable } from 'markdown-table';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import shop from '../../models/shop/model.ts';
import type { ActRun } from '../workflows/act.ts';
import { shopWorld, type ShopWorld } from '../workflows/shop-world.ts';
import { noCluster } from './component.ts';

const NAMESPACE = 'cleaver-drill';
const NODE_PORT = 30_083;
const URL = `http://127.0.0.1:${NODE_PORT}`;
const PER_SECOND = 40;
const VALUES = `replicas: 1
settings: { CLEAVER_LINGER_MS: 2000 }
rollout: { minReadySeconds: 1 }
service: { type: NodePort, nodePort: ${NODE_PORT} }
`;
/** Some seconds after it is ready the server scores nothing any more, as when a disk or a library breaks. */
const BREAKS_LATER = `
import { InferenceSession as Broken } from 'onnxruntime-node';
const { create: createWhole } = Broken;
Broken.create = (async (...args: never[]) => {
  const session = await (createWhole as (...all: never[]) => Promise<Broken>).apply(Broken, args);
  const whole = session.run.bind(session);
  const breaksAt = performance.now() + 20_000;
  session.run = (async (...given: Parameters<typeof whole>) => {
    if (performance.now() > breaksAt) throw new Error('broken');
    return await whole(...given);
  }) as typeof session.run;
  return session;
}) as typeof Broken.create;
`;
const run = promisify(execFile);

/** A night in the life of a shop, by the real workflows on a real cluster; the tests follow one another. */
describe.skipIf(noCluster)(`the drill${noCluster ? ` (${noCluster})` : ''}`, () => {
  let world: ShopWorld;
  let folder = '';
  const timeline: string[][] = [];
  const begun = performance.now();
  const customers = { asked: 0, failed: 0, stop: false };
  const remove = () => run('kubectl', ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s']);
  const told = (what: string) => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    timeline.push([`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`, what]);
    process.stderr.write(`${timeline.at(-1)?.join('  ') ?? ''}\n`);
  };

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
        BAKE_SECONDS: '30',
        ROLLOUT: 'canary',
        ROLLOUT_SHARE: '0.5',
        ROLLOUT_SECONDS: '180',
      },
    });
    world.live(120);
  });
  afterAll(async () => {
    customers.stop = true;
    await world.close();
    await remove();
    await rm(folder, { recursive: true, force: true });
    told(`${customers.asked} requests of customers meanwhile, ${customers.failed} of them failed`);
    const table = markdownTable([['Minute', 'What happened'], ...timeline], { align: ['r', 'l'] });
    const file = process.env['CLEAVER_DRILL'];
    if (file === undefined) process.stderr.write(`${table}\n`);
    else
      await writeFile(
        file,
        `# A drill\n\nThe sample shop by \`npm run drill\`, on a cluster of one node.\n\n${table}\n`,
      );
  });

  const retrain = () => world.run('retrain.yml', 'workflow_dispatch', { inputs: { model: 'shop' } });
  const servesAtLast = (version: string | undefined) =>
    vi.waitUntil(async () => (await world.served(URL).catch(() => undefined)) === version, { timeout: 30_000 });

  test(
    'the first model is trained, released, and asked by customers from then on',
    { timeout: 1_200_000 },
    async () => {
      told('the shop has lived 120 days; retrain.yml is started by hand');
      const act = await retrain();
      expect(results(act), act.log).toMatchObject({ promote: 'success', production: 'success' });
      await servesAtLast('v1');
      told('v1 answers on the cluster; customers begin to ask');
      void askAlways(customers);
    },
  );

  test(
    'tastes change: watch sees news, the new model is tried on live requests, and promoted',
    { timeout: 1_800_000 },
    async () => {
      world.live(40);
      told('40 days on, tastes have changed; watch.yml looks');
      const watch = await world.run('watch.yml', 'schedule', { schedule: '47 2,8,14,20 * * *' });
      expect(results(watch), watch.log).toMatchObject({ watch: 'success' });
      expect(world.github.dispatches).toHaveLength(1);
      told('watch.yml has started retrain.yml');
      const act = await retrain();
      expect(results(act), act.log).toMatchObject({ promote: 'success', production: 'success' });
      const verdict = /v2 .*stability index [^\n"]*/.exec(act.log)?.[0];
      if (verdict !== undefined) told(`the canary: ${verdict}`);
      await servesAtLast('v2');
      told('v2 was promoted and answers on the cluster');
    },
  );

  test('a model that is no better is refused, and changes nothing', { timeout: 900_000 }, async () => {
    world.live(3);
    const act = await retrain();
    expect(results(act), act.log).toMatchObject({ evaluate: 'success', notify: 'success' });
    expect(results(act)).not.toHaveProperty('promote');
    expect(await world.served(URL)).toBe('v2');
    told('v3 was refused by the gate; v2 answers on');
  });

  test('an image that is ready and breaks afterwards is taken back by itself', { timeout: 900_000 }, async () => {
    world.change('feat(service): break after a while', { 'service/server.ts': (text) => `${text}${BREAKS_LATER}` });
    told('a commit breaks the server some time after its start; deploy.yml releases it');
    const act = await world.run('deploy.yml', 'workflow_dispatch', { inputs: { rollout: 'direct' } });
    expect(results(act), act.log).toMatchObject({ image: 'success', production: 'failure' });
    await sleep(5000);
    await servesAtLast('v2');
    told('the release was taken back; v2 answers on');
  });
});

function results(act: ActRun): Record<string, string> {
  return Object.fromEntries(Object.entries(act.jobs).map(([name, { result }]) => [name, result]));
}

/** Customers who come evenly, each another. */
async function askAlways(customers: { asked: number; failed: number; stop: boolean }): Promise<void> {
  while (!customers.stop) {
    void fetch(`${URL}/predict/shop`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ row: someRow() }),
      signal: AbortSignal.timeout(5000),
    }).then(
      async (response) => {
        customers.asked += 1;
        if (!response.ok) customers.failed += 1;
        await response.arrayBuffer();
      },
      () => {
        customers.asked += 1;
        customers.failed += 1;
      },
    );
    await sleep(1000 / PER_SECOND);
  }
}

function someRow(): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(shop.features).map(([name, feature]) => [
      name,
      feature.type === 'category'
        ? (feature.values[Math.floor(Math.random() * feature.values.length)] ?? '')
        : Math.floor(Math.random() * (name === 'weekday' ? 7 : 20)),
    ]),
  );
}
