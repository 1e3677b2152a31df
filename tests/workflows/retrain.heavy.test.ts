import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { ActRun } from './act.ts';
import { noAct } from './component.ts';
import { shopWorld, type ShopWorld } from './shop-world.ts';
import { checkSlackTypes } from '../support/slack-types.ts';

/** The result of each job, without its steps. */
function results(run: ActRun): Record<string, string> {
  return Object.fromEntries(Object.entries(run.jobs).map(([name, { result }]) => [name, result]));
}

const CHAIN = ['models', 'etl', 'train', 'evaluate', 'report', 'promote', 'deliver', 'notify'];

/** The jobs of a run of retrain.yml that ended well, all but those that are named: they were not run. */
function chain(...notRun: string[]): Record<string, string> {
  return Object.fromEntries(CHAIN.filter((job) => !notRun.includes(job)).map((job) => [job, 'success']));
}

/** One life of the shop: the tests follow one another. */
describe.skipIf(noAct)(`the workflows on the sample shop${noAct ? ` (${noAct})` : ''}`, () => {
  let world: ShopWorld;
  beforeAll(async () => {
    world = await shopWorld();
    world.live(120);
    return world.close;
  });
  const slackText = (at = -1) => JSON.stringify(world.slack.payloads.at(at));

  test('etl.yml takes the shop in by schedule; before there is a champion nothing is delivered or reported', async () => {
    const run = await world.run('etl.yml', 'schedule', { schedule: '17 2 * * *' });
    expect(results(run), run.log).toEqual({ models: 'success', etl: 'success' });
    expect(world.github.issues).toEqual([]);
    expect(world.slack.payloads).toEqual([]);
  });

  test('watch.yml dispatches retrain.yml once for one batch, however often it runs', async () => {
    for (let time = 0; time < 2; time += 1) {
      const run = await world.run('watch.yml', 'schedule', { schedule: '47 2,8,14,20 * * *' });
      expect(results(run), run.log).toEqual({ models: 'success', watch: 'success' });
    }
    expect(world.github.dispatches).toEqual([
      {
        eventType: 'retrain',
        payload: { model: 'shop', batch: expect.stringMatching(/^first-2025-04-30$/) as string },
      },
    ]);
  });

  test('retrain.yml by that dispatch: trained, promoted, delivered, reported, served, and Slack is told', async () => {
    const [dispatch] = world.github.dispatches;
    const run = await world.run('retrain.yml', 'repository_dispatch', {
      action: dispatch?.eventType,
      client_payload: dispatch?.payload,
    });
    expect(results(run), run.log).toEqual(chain());
    expect(await world.champion()).toBe('v1');
    await vi.waitUntil(async () => (await world.served()) === 'v1', { timeout: 10_000 });
    expect(world.table()).toMatchObject([{ version: 'v1', rows: 19_595 }]);
    expect(world.github.issues).toMatchObject([{ open: true, labels: ['cleaver-report'] }]);
    expect(world.github.issues[0]?.body).toMatch(/v1/);
    expect(world.slack.payloads).toHaveLength(2);
    expect(slackText(0)).toMatch(/start/i);
    expect(slackText()).toMatch(/v1/);
  });

  test('watch.yml finds nothing to do after that', async () => {
    const run = await world.run('watch.yml', 'schedule', { schedule: '47 2,8,14,20 * * *' });
    expect(results(run), run.log).toEqual({ models: 'success', watch: 'success' });
    expect(world.github.dispatches).toHaveLength(1);
  });

  test('retrain.yml by hand: a refused challenger leaves the served model and the table untouched', async () => {
    const asOf = world.live(7);
    const before = world.table();
    const run = await world.run('retrain.yml', 'workflow_dispatch', { inputs: { model: 'shop', 'as-of': asOf } });
    expect(results(run), run.log).toEqual(chain('promote', 'deliver'));
    expect(await world.champion()).toBe('v1');
    expect(await world.served()).toBe('v1');
    expect(world.table()).toEqual(before);
    expect(world.github.issues).toHaveLength(1);
    expect(world.github.issues[0]?.body).toMatch(/v2.*refused/i);
    expect(slackText()).toMatch(/refused/i);
  });

  test('retrain.yml by schedule: when tastes have changed, the new model is promoted and served without a restart', async () => {
    world.live(33);
    const run = await world.run('retrain.yml', 'schedule', { schedule: '37 4 * * 0' });
    expect(results(run), run.log).toEqual(chain());
    expect(await world.champion()).toBe('v3');
    await vi.waitUntil(async () => (await world.served()) === 'v3', { timeout: 10_000 });
    expect(world.table()).toMatchObject([{ version: 'v3' }]);
    expect(world.github.issues).toHaveLength(1);
  });

  test('trial.yml says on a pull request what a change would be worth, and touches nothing of the state', async () => {
    const before = { champion: await world.champion(), table: world.table(), versions: await world.versions() };
    world.github.pulls.push({ number: 7, title: 'feat(shop): fewer features' });
    world.change('feat(shop): look at visits less', {
      'models/shop/mart.sql': (sql) => `-- A change that changes nothing.\n${sql}`,
    });
    const repo = { full_name: 'owner/shop' };
    const run = await world.run('trial.yml', 'pull_request', {
      action: 'opened',
      number: 7,
      pull_request: { number: 7, head: { sha: '1'.repeat(40), repo }, base: { sha: '2'.repeat(40), repo } },
    });
    expect(results(run), run.log).toEqual({ models: 'success', trial: 'success' });
    expect(world.github.comments).toMatchObject([{ issue: 7 }]);
    expect(world.github.comments[0]?.body).toMatch(/A trial of this pull request/);
    const after = { champion: await world.champion(), table: world.table(), versions: await world.versions() };
    expect(after).toEqual(before);
  });

  test('an input that is wrong makes the job etl red, with the error, and Slack is told what broke', async () => {
    const run = await world.run('retrain.yml', 'workflow_dispatch', {
      inputs: { model: 'shop', 'as-of': 'yesterday' },
    });
    expect(results(run)).toEqual({ models: 'success', etl: 'failure', notify: 'success' });
    expect(run.jobs['etl']?.annotations).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringMatching(/as-of.*YYYY-MM-DD/s) as string }),
    );
    expect(slackText()).toMatch(/OPTION_INVALID.*as-of/);
    expect(await world.champion()).toBe('v3');
  });

  test('all of it kept to what GitHub and Slack describe', () => {
    expect(world.github.violations).toEqual([]);
    expect(world.slack.violations).toEqual([]);
    expect(checkSlackTypes(world.slack.payloads)).toEqual([]);
  });
});
