import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { noCluster } from './component.ts';
import { BODY, releaseWorld, type ReleaseWorld } from './release-world.ts';
import { SteadyLoad } from './steady-load.ts';

/** A rollback after every other; `CLEAVER_RELEASES=4` is the short form. */
const RELEASES = Number(process.env['CLEAVER_RELEASES'] ?? 10);
const ROLLBACKS = RELEASES / 2;
const PER_SECOND = 200;
/** What the p99 is compared with: with less, ten requests decide it. */
const ALONE_MS = 15_000;

/** The tests follow one another. */
describe.skipIf(noCluster)(`releases under load${noCluster ? ` (${noCluster})` : ''}`, () => {
  let world: ReleaseWorld;
  const images = { v1: '', v2: '' };
  beforeAll(async () => {
    world = await releaseWorld('releases', 30_080);
    return world.close;
  });

  function load(): SteadyLoad {
    const running = new SteadyLoad({ url: `${world.url}/predict/shop`, body: BODY, perSecond: PER_SECOND });
    onTestFinished(() => running.stop());
    return running;
  }

  /** What ends goes on answering on connections that it has. */
  async function waitFor(version: string): Promise<void> {
    await vi.waitUntil(async () => (await world.served()) === version, { timeout: 20_000 });
  }

  test('an image of the code and the champion is built and pushed; for another model only its layer', async () => {
    for (const [version, model] of [
      ['v1', 'first'],
      ['v2', 'second'],
    ] as const) {
      expect(await world.register(model)).toBe(version);
      const built = await world.build();
      expect(built.status, built.log).toBe(0);
      images[version] = built.outputs['image'] ?? '';
      process.stderr.write(`${version}: ${built.outputs['size']} bytes, ${built.outputs['pushed']} pushed\n`);
      if (version === 'v2') expect(Number(built.outputs['pushed'])).toBeLessThan(50_000);
    }
  });

  test('the first release on an empty cluster answers with the version of its image', async () => {
    const released = await world.release({ image: images.v1 });
    expect(released.status, released.log).toBe(0);
    expect(released.outputs).toMatchObject({ outcome: 'deployed', revision: '1' });
    expect(await world.served()).toBe('v1');
  });

  test(`no request fails in ${RELEASES} releases and ${ROLLBACKS} rollbacks at ${PER_SECOND} requests a second`, async () => {
    const running = load();
    await sleep(ALONE_MS);
    const begun = performance.now();
    for (let count = 1; count <= RELEASES; count += 1) {
      const [former, next] = (await world.served()) === 'v1' ? (['v1', 'v2'] as const) : (['v2', 'v1'] as const);
      // Looked at as often as by default: on one machine, the pods wait for what a look computes.
      const bake = { 'bake-seconds': '1', 'look-seconds': '3' };
      const released = await world.release({ image: images[next], ...bake, 'score-shift': '1000' });
      expect(released.status, released.log).toBe(0);
      await waitFor(next);
      if (count % (RELEASES / ROLLBACKS) !== 0) continue;
      await world.helm('rollback', 'shop', '--wait', '--timeout=90s');
      await waitFor(former);
    }
    const ended = performance.now();
    await running.stop();
    report('releases', running, begun, ended);
    expect(running.failed).toEqual([]);
    expect(new Set(running.answered.map(({ version }) => version))).toEqual(new Set(['v1', 'v2']));
  });

  test('no request fails while the pods are ended one after another', async () => {
    const running = load();
    await sleep(ALONE_MS);
    const begun = performance.now();
    const names = (await world.kubectl('get', 'pods', '-o', 'name', '-l', 'app.kubernetes.io/instance=shop'))
      .split('\n')
      .filter((name) => name !== '');
    for (const name of names) {
      await world.kubectl('delete', name, '--wait');
      await world.kubectl('rollout', 'status', 'deployment', '--timeout=60s');
    }
    const ended = performance.now();
    await running.stop();
    report('pods', running, begun, ended);
    expect(names.length).toBeGreaterThanOrEqual(2);
    expect(running.failed).toEqual([]);
  });
});

function report(what: string, load: SteadyLoad, begun: number, ended: number): void {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const before = load.quantile(0.99, 0, begun);
  const during = load.quantile(0.99, begun, ended);
  process.stderr.write(
    `${what}: ${load.answered.length} requests, ${load.failed.length} failed, ${((ended - begun) / 1000).toFixed()} s, p99 ${ms(before)} before, ${ms(during)} during (${(during / before).toFixed(1)}×)\n`,
  );
}
