import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { homeAt, type Home } from '../../pipelines/adapters/home.ts';
import { startServer } from '../../pipelines/cli/server-process.ts';
import { loadModel } from '../../pipelines/config.ts';
import { addDays, type Day } from '../../pipelines/core/days.ts';
import { createShop } from '../../sample/shop/shop.ts';
import { writeHistory } from '../../sample/shop/write-history.ts';
import { openGithubServer, type GithubServer } from '../support/github-server.ts';
import { openSlackServer, type SlackServer } from '../support/slack-server.ts';
import { runAct, type ActRun } from './act.ts';
import { copyProject } from './project.ts';

const FIRST_DAY: Day = '2025-01-01';

/** The sample shop with its repository, its runner's state, GitHub, Slack, and the inference server at work on that state. */
export interface ShopWorld {
  home: Home;
  github: GithubServer;
  slack: SlackServer;
  /** Lets the shop live; its tastes change after 130 days. */
  live(days: number): Day;
  /** Runs a workflow file as GitHub would on this event. */
  run(workflow: string, event: string, payload: object): Promise<ActRun>;
  /** Changes files of the repository and commits; answers the payload of its push. */
  change(message: string, files: Record<string, (text: string) => string>): object;
  champion(): Promise<string | undefined>;
  versions(): Promise<string[]>;
  /** The version that answers a request for a prediction now, by default of our own server; undefined before there is one. */
  served(url?: string): Promise<string | undefined>;
  /** The rows of the table `predictions` by version and run. */
  table(): { version: string; runId: string; rows: number }[];
  close: () => Promise<void>;
}

/** Makes a world for the tests of a file, with the repository's variables. Return its `close` from `beforeAll`. */
export async function shopWorld({ vars = {} }: { vars?: Record<string, string> } = {}): Promise<ShopWorld> {
  const root = mkdtempSync(path.join(tmpdir(), 'cleaver-test-'));
  const home = homeAt(path.join(root, 'state'));
  mkdirSync(path.join(home.root, 'shop'), { recursive: true });
  const shop = createShop({ seed: 1, customers: 20_000, firstDay: FIRST_DAY, changeDay: addDays(FIRST_DAY, 130) });
  const project = copyProject(root);
  let head = project.commit('chore: stand where main stands', {});
  const [github, slack] = await Promise.all([openGithubServer(), openSlackServer()]);
  const server = await startServer(home, 0);
  const { manifest } = await loadModel('shop');
  const registry = openFileRegistry(home.registry, home.work);
  return {
    home,
    github,
    slack,
    async close() {
      await Promise.all([server.stop(), github.close(), slack.close()]);
      rmSync(root, { recursive: true, force: true });
    },
    live(days) {
      writeHistory({ file: path.join(home.root, 'shop', 'shop.db'), shop, days });
      return shop.today ?? FIRST_DAY;
    },
    run: (workflow, event, payload) =>
      runAct({
        folder: project.folder,
        ...{ workflow, event, vars },
        payload: project.event(event, payload),
        env: { CLEAVER_HOME: home.root, GITHUB_API_URL: github.url },
        secrets: { GITHUB_TOKEN: 'a-token-for-tests', SLACK_WEBHOOK_URL: slack.url },
      }),
    change(message, files) {
      const changed = Object.entries(files).map(([name, change]) => {
        return [name, change(readFileSync(path.join(project.folder, name), 'utf8'))] as const;
      });
      const before = head;
      head = project.commit(message, Object.fromEntries(changed));
      return { ref: 'refs/heads/main', before, after: head, forced: false };
    },
    champion: () => registry.alias('shop', 'champion'),
    versions: async () => (await registry.versions('shop')).map(({ version }) => version),
    async served(url = server.url) {
      const features = Object.entries(manifest.features).map(([name, feature]) => [
        name,
        feature.type === 'category' ? feature.values[0] : 1,
      ]);
      const body = JSON.stringify({ rows: [Object.fromEntries(features)] });
      const response = await fetch(`${url}/predict/shop`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      return ((await response.json()) as { version?: string }).version;
    },
    table() {
      const url = manifest.deliver.url.replace('{home}', home.root).replace('sqlite:', '');
      using database = new DatabaseSync(url, { readOnly: true });
      return database
        .prepare('SELECT version, run_id AS "runId", count(*) AS rows FROM predictions GROUP BY version, run_id')
        .all() as unknown as ReturnType<ShopWorld['table']>;
    },
  };
}
