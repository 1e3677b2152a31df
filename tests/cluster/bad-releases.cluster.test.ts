import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { noCluster } from './component.ts';
import { BODY, releaseWorld, type ReleaseWorld } from './release-world.ts';
import { SteadyLoad } from './steady-load.ts';

/** Loaded before the server: some time after its start nothing is scored any more, as when a disk or library breaks. */
const BREAKS_LATER = `import { InferenceSession } from 'onnxruntime-node';
const { create } = InferenceSession;
InferenceSession.create = async (...args) => {
  const session = await create.apply(InferenceSession, args);
  const run = session.run.bind(session);
  const breaksAt = performance.now() + 15_000;
  session.run = (...given) => (performance.now() < breaksAt ? run(...given) : Promise.reject(new Error('broken')));
  return session;
};
`;

/** What goes wrong with the real image; the tests follow one another. actions/helm-upgrade plays what a pod can do. */
describe.skipIf(noCluster)(`bad releases${noCluster ? ` (${noCluster})` : ''}`, () => {
  let world: ReleaseWorld;
  let good = '';
  beforeAll(async () => {
    world = await releaseWorld('bad-releases', 30_081, { replicas: 1 });
    return world.close;
  });

  async function expectOldServes(): Promise<void> {
    // What ends goes on answering on connections that it has.
    await vi.waitUntil(async () => (await world.served()) === 'v1', { timeout: 20_000 });
    const [last] = JSON.parse(await world.helm('history', 'shop', '--max', '1', '-o', 'json')) as { status: string }[];
    expect(last?.status).toBe('deployed');
  }

  test('what is good is released', async () => {
    await world.register('first');
    const built = await world.build();
    expect(built.status, built.log).toBe(0);
    good = built.outputs['image'] ?? '';
    const released = await world.release({ image: good, 'bake-seconds': '1' });
    expect(released.status, released.log).toBe(0);
    await expectOldServes();
  });

  test('one that is ready and then fails is back within 60 s of its first failed request', async () => {
    const image = await world.variant(good, 'breaks-later', {
      files: { '/app/breaks-later.mjs': BREAKS_LATER },
      env: { NODE_OPTIONS: '--import=/app/breaks-later.mjs' },
    });
    const load = new SteadyLoad({ url: `${world.url}/predict/shop`, body: BODY, perSecond: 50 });
    onTestFinished(() => load.stop());
    const released = await world.release({ image, 'bake-seconds': '120' });
    const ended = performance.now();
    await load.stop();
    expect(released.outputs['error'], released.log).toMatch(/^RELEASE_ROLLED_BACK: /);
    expect(released.outputs['reason']).toMatch(/requests failed with 5xx/);
    expect(released.status).toBe(2);
    const first = load.failed[0];
    expect(first?.failure).toMatch(/^500 /);
    const seconds = (ended - (first?.at ?? 0)) / 1000;
    process.stderr.write(`back ${seconds.toFixed(1)} s after the first of ${load.failed.length} failed requests\n`);
    expect(seconds).toBeLessThan(60);
    await expectOldServes();
  });

  test('a model that loads nowhere is never ready; the reason is the model', async () => {
    const file = path.join(world.root, 'no-model.onnx');
    await writeFile(file, 'This is no model.');
    await world.register(file);
    const built = await world.build();
    expect(built.status, built.log).toBe(0);
    const released = await world.release({ image: built.outputs['image'] ?? '', 'timeout-seconds': '30' });
    expect(released.outputs['error'], released.log).toMatch(/^RELEASE_ROLLED_BACK: /);
    expect(released.outputs['reason']).toMatch(
      /not ready: .*registry\/shop\/objects\/.*does not load: Failed to load model/,
    );
    await expectOldServes();
  });

  test('an image whose registry is down cannot be pulled', async () => {
    const [, digest = ''] = good.split('@');
    const released = await world.release({ image: `127.0.0.1:9/cleaver@${digest}`, 'timeout-seconds': '20' });
    expect(released.outputs['error'], released.log).toMatch(/^RELEASE_ROLLED_BACK: /);
    expect(released.outputs['reason']).toMatch(/the image 127\.0\.0\.1:9\/cleaver.* cannot be pulled/);
    await expectOldServes();
  });

  test('a misspelt setting is refused before anything changes', async () => {
    const released = await world.release({ image: good, set: 'settings.CLEAVER_MAX_BODDY_MB=4' });
    expect(released.outputs['error'], released.log).toMatch(/^CHART_REFUSED: .*CLEAVER_MAX_BODDY_MB/s);
    await expectOldServes();
  });
});
