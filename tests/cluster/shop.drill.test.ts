import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import shop from '../../models/shop/model.ts';
import { readFeatureRows } from '../../pipelines/adapters/feature-rows.ts';
import { readReport } from '../../pipelines/adapters/report-file.ts';
import { latestRun } from '../../pipelines/adapters/run-store.ts';
import { openStage } from '../../pipelines/adapters/stage.ts';
import { loadModel } from '../../pipelines/config.ts';
import type { FeatureRow } from '../../pipelines/core/features.ts';
import type { EvaluateResult } from '../../pipelines/steps/evaluate.ts';
import type { ActRun } from '../workflows/act.ts';
import { shopWorld, type ShopWorld } from '../workflows/shop-world.ts';
import { noCluster } from './component.ts';
import { Customers } from './customers.ts';
import { Timeline } from './timeline.ts';

const CLI = path.join(import.meta.dirname, '..', '..', 'pipelines', 'cli.ts');
const PAGE = path.join(import.meta.dirname, '..', '..', 'docs', 'drill.md');
const INTRODUCTION = `# A drill

A night of the sample shop, by the real workflows on a real cluster: written by \`npm run drill\`, which needs what \`npm run test:cluster\`
needs. One node, one pod; builds and trainings on the same ${availableParallelism()} cores.
`;
const NAMESPACE = 'cleaver-drill';
const NODE_PORT = 30_083;
const URL = `http://127.0.0.1:${NODE_PORT}`;
const PER_SECOND = 40;
/** Drift is judged from three days of a version on, and the day of its training may not be like the others. */
const NIGHTS = 4;
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
  const breaksAt = performance.now() + 15_000;
  session.run = (async (...given: Parameters<typeof whole>) => {
    if (performance.now() > breaksAt) throw new Error('broken');
    return await whole(...given);
  }) as typeof session.run;
  return session;
}) as typeof Broken.create;
`;
const run = promisify(execFile);

/** A night in the life of a shop; the tests follow one another, and the page is written when all of them have passed. */
describe.skipIf(noCluster)(`the drill${noCluster ? ` (${noCluster})` : ''}`, () => {
  let world: ShopWorld;
  let folder = '';
  const timeline = new Timeline();
  const customers = new Customers(`${URL}/predict/shop`);
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
        BAKE_SECONDS: '25',
        ROLLOUT: 'canary',
        ROLLOUT_SHARE: '0.5',
        ROLLOUT_SECONDS: '60',
      },
    });
    world.live(120);
    timeline.note('The shop has lived 120 days; it has no model yet.');
  });
  afterAll(async () => {
    customers.stop();
    await world.close();
    await remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function release(): Promise<{ statuses: string[]; image: string }> {
    const history = await run('helm', ['-n', NAMESPACE, 'history', 'cleaver', '-o', 'json']);
    const what = 'jsonpath={.items[0].spec.template.spec.containers[0].image}';
    const { stdout: image } = await run('kubectl', ['-n', NAMESPACE, 'get', 'deployments', '-o', what]);
    return { statuses: (JSON.parse(history.stdout) as { status: string }[]).map(({ status }) => status), image };
  }
  const verdict = () => latestRun<EvaluateResult>(world.home, 'shop', 'evaluate');
  const servesAtLast = (version: string) =>
    vi.waitUntil(async () => (await world.served(URL).catch(() => undefined)) === version, { timeout: 30_000 });

  test('the first model is trained, released, and asked by customers', { timeout: 1_200_000 }, async () => {
    const act = await world.run('retrain.yml', 'workflow_dispatch', { inputs: { model: 'shop' } });
    expect(results(act), act.log).toMatchObject({ promote: 'success', production: 'success' });
    await servesAtLast('v1');
    expect((await release()).statuses).toEqual(['deployed']);
    timeline.note('`retrain.yml`, started by hand: v1 is trained, built into an image, released, and answers.');
    void customers.come(PER_SECOND, await lastDelivered());
  });

  /** The features of everybody on the last day that was delivered: scores of a day are alike, whoever gives them. */
  async function lastDelivered(): Promise<FeatureRow[]> {
    const delivered = await latestRun(world.home, 'shop', 'deliver');
    const reader = await openStage(':memory:', { scratch: world.home.work });
    try {
      const rows = await readFeatureRows(reader, world.home, await loadModel('shop'), delivered?.asOf ?? '2025-04-30');
      expect(rows.size).toBeGreaterThan(1000);
      return [...rows.values()];
    } finally {
      await reader.close();
    }
  }

  /** What etl.yml does of a night, without the workflow around it. */
  async function night(): Promise<void> {
    world.live(1);
    for (const verb of ['etl', 'deliver']) {
      await run(process.execPath, [CLI, verb, '--model', 'shop', '--json'], {
        env: { ...process.env, CLEAVER_HOME: world.home.root },
      });
    }
  }

  test('tastes change; watch sees it and has a model trained', { timeout: 900_000 }, async () => {
    world.live(29);
    for (let count = 0; count < NIGHTS; count += 1) await night();
    // Until it is known who has ordered.
    world.live(shop.label.maturityDays);
    timeline.note('40 days on, tastes have changed; v1 has scored everybody in four of the nights.');
    const etl = await world.run('etl.yml', 'schedule', { schedule: '17 2 * * *' });
    expect(results(etl), etl.log).toMatchObject({ etl: 'success' });
    const report = await readReport(world.home, 'shop');
    expect(report?.marks).toContainEqual(expect.objectContaining({ kind: 'drift', version: 'v1' }));
    const drift = report?.marks.find(({ kind }) => kind === 'drift')?.text ?? '';
    timeline.note(`\`etl.yml\` has taken the days in, and compared what came true. Drift: ${drift}.`);
    const watch = await world.run('watch.yml', 'schedule', { schedule: '47 2,8,14,20 * * *' });
    expect(results(watch), watch.log).toMatchObject({ watch: 'success' });
    expect(world.github.dispatches).toMatchObject([{ eventType: 'retrain', payload: { model: 'shop' } }]);
    const { batch } = world.github.dispatches[0]?.payload as { batch: string };
    expect(batch).toMatch(/^drift-/);
    timeline.note(`\`watch.yml\` has started \`retrain.yml\` for the batch \`${batch}\`.`);
  });

  test('the new model is tried on live requests, promoted, and answers alone', { timeout: 1_200_000 }, async () => {
    const [dispatch] = world.github.dispatches;
    expect(customers.versions).not.toHaveProperty('v2');
    const act = await world.run('retrain.yml', 'repository_dispatch', {
      action: dispatch?.eventType,
      client_payload: dispatch?.payload,
    });
    expect(results(act), act.log).toMatchObject({ promote: 'success', production: 'success' });
    expect(await verdict()).toMatchObject({ outcome: 'promoted', result: { challengerVersion: 'v2' } });
    const scores = /shop v2 scores \d+ rows [^\n"]*/.exec(act.log)?.[0];
    expect(scores, act.log).toBeDefined();
    await servesAtLast('v2');
    expect(await world.champion()).toBe('v2');
    expect((await release()).statuses).toEqual(['superseded', 'superseded', 'deployed']);
    expect(customers.failed).toBe(0);
    timeline.note(
      `\`retrain.yml\`: v2 passed the gate, answered half of the requests as a canary (${scores ?? ''}), was promoted, and answers alone.`,
    );
  });

  test('a model that is worse is refused, and changes nothing', { timeout: 900_000 }, async () => {
    world.live(3);
    world.change('perf(models): one small tree', {
      'models/shop/model.ts': (text) =>
        text.replace(/num_leaves: \d+(.*)num_iterations: \d+/, 'num_leaves: 2$1num_iterations: 1'),
    });
    const before = await release();
    const act = await world.run('retrain.yml', 'workflow_dispatch', { inputs: { model: 'shop' } });
    expect(results(act), act.log).toMatchObject({ evaluate: 'success', notify: 'success' });
    expect(results(act)).not.toHaveProperty('promote');
    const judged = await verdict();
    expect(judged).toMatchObject({ outcome: 'refused', result: { challengerVersion: 'v3', championVersion: 'v2' } });
    expect(await world.champion()).toBe('v2');
    expect(await release()).toEqual(before);
    expect(await world.served(URL)).toBe('v2');
    expect(customers.failed).toBe(0);
    timeline.note(
      `A commit leaves one small tree of the model. v3 was refused by the gate: ${judged?.result.reasons.join('; ') ?? ''}. v2 answers on.`,
    );
  });

  test('an image that is ready and breaks afterwards is taken back by itself', { timeout: 900_000 }, async () => {
    const before = await release();
    const asked = customers.asked;
    world.change('feat(service): break after a while', { 'service/server.ts': (text) => `${text}${BREAKS_LATER}` });
    const act = await world.run('deploy.yml', 'workflow_dispatch', { inputs: { rollout: 'direct' } });
    const ended = performance.now();
    expect(results(act), act.log).toMatchObject({ image: 'success', production: 'failure' });
    expect(act.log).toMatch(/RELEASE_ROLLED_BACK/);
    await servesAtLast('v2');
    const after = await release();
    expect(after.image).toBe(before.image);
    expect(after.statuses.slice(-3)).toEqual(['superseded', expect.stringMatching(/superseded|failed/), 'deployed']);
    const seconds = (ended - (customers.firstFailure ?? Number.NaN)) / 1000;
    expect(seconds).toBeLessThan(60);
    timeline.note(
      `A commit that breaks the server 15 s after its start was released by \`deploy.yml\` and taken back, ${seconds.toFixed()} s after the first failed request: ${customers.failed} of ${customers.asked - asked} failed. v2 answers on.`,
    );
    await writeFile(
      PAGE,
      `${INTRODUCTION}\n${timeline.table()}\n\nOf ${asked} requests before that commit none failed.\n`,
    );
  });
});

function results(act: ActRun): Record<string, string> {
  return Object.fromEntries(Object.entries(act.jobs).map(([name, { result }]) => [name, result]));
}
