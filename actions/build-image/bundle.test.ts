import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preparedModel } from '../../tests/support/living-model.ts';
import { startCli } from '../../tests/support/run-cli.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { bundle } from './bundle.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const withChampion = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
});

/** Within the repository, where its packages are found. */
let folder = '';
beforeAll(async () => {
  const caches = path.join(ROOT, 'node_modules', '.cache');
  await mkdir(caches, { recursive: true });
  folder = await mkdtemp(path.join(caches, 'bundle-'));
  await bundle(ROOT, folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Serves by the bundle, until the test's end at the latest. */
async function serve(environment: Record<string, string>) {
  const { root } = await withChampion();
  const running = startCli(root, ['serve', '--port', '0', '--json'], environment, path.join(folder, 'cli.js'));
  const found = () => /Serving at (http:\/\/[^ ;]+)/.exec(running.stderr())?.[1];
  await expect.poll(found, { timeout: 60_000 }).toBeDefined();
  const url = found() ?? '';
  const ready = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.status;
  await expect.poll(ready, { timeout: 60_000 }).toBe(200);
  return { url, running };
}

async function answersOf(url: string, rows: number) {
  const body = JSON.stringify({ rows: Array.from({ length: rows }, () => ({ x0: 0, x1: 0 })) });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/predict/living`, { method: 'POST', headers, body });
  return { status: answer.status, predictions: ((await answer.json()) as { predictions?: unknown[] }).predictions };
}

test(
  'scores, also aside on its thread, and has the files that lie beside the sources',
  { timeout: 120_000 },
  async () => {
    const { url, running } = await serve({ CLEAVER_LARGE_ROWS: '3' });
    const few = await answersOf(url, 1);
    const many = await answersOf(url, 5);
    expect([few.status, few.predictions?.length, many.status, many.predictions?.length]).toEqual([200, 1, 200, 5]);
    for (const file of [
      '/admin',
      '/assets/admin.css',
      '/assets/uplot.js',
      '/docs',
      '/docs/docs.css',
      '/openapi.json',
    ]) {
      expect([file, (await fetch(url + file)).status]).toEqual([file, 200]);
    }
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ status: 0, json: { outcome: 'done', endedBy: 'SIGTERM' } });
  },
);

test('runs as several processes', { timeout: 120_000 }, async () => {
  const { url, running } = await serve({ CLEAVER_WORKERS: '2' });
  // The others may still be loading when the first of them answers.
  await expect.poll(async () => (await answersOf(url, 1)).status, { timeout: 60_000 }).toBe(200);
  running.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 0, json: { outcome: 'done' } });
});

test('looks for news, as the CronJob has it do', { timeout: 120_000 }, async () => {
  const { root } = await withChampion();
  const watched = await startCli(root, ['watch', '--json'], {}, path.join(folder, 'cli.js')).ended;
  expect(watched).toMatchObject({ status: 0, json: { outcome: 'nothing-to-do', retrain: false } });
});

test('of a package that is missing is none', async () => {
  const root = await temporaryFolder();
  for (const source of ['pipelines/cli.ts', 'service/load/large-thread.ts']) {
    await mkdir(path.join(root, path.dirname(source)), { recursive: true });
    await writeFile(path.join(root, source), "import 'no-such-package';\n");
  }
  await expect(bundle(root, path.join(root, 'bundle'))).rejects.toThrow(/no-such-package/);
});
