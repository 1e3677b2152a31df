import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { preparedModel } from '../../tests/support/living-model.ts';
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

/** Starts the bundled command line; `url` is where it serves. */
async function serve(environment: Record<string, string>) {
  const { root } = await withChampion();
  const child = spawn(process.execPath, [path.join(folder, 'cli.js'), 'serve', '--port', '0', '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...{ CLEAVER_HOME: path.join(root, 'state'), CLEAVER_MODELS: path.join(root, 'models') },
      ...environment,
    },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let [printed, answer] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const found = () => /Serving at (http:\/\/[^ ;]+)/.exec(printed)?.[1];
  await expect.poll(found, { timeout: 60_000 }).toBeDefined();
  const url = found() ?? '';
  const status = async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.status;
  await expect.poll(status, { timeout: 60_000 }).toBe(200);
  const ended = once(child, 'close').then(() => answer);
  return { url, child, ended };
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
    const { url, child, ended } = await serve({ CLEAVER_LARGE_ROWS: '3' });
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
    child.kill('SIGTERM');
    expect(JSON.parse(await ended)).toMatchObject({ outcome: 'done', endedBy: 'SIGTERM' });
  },
);

test('runs as several processes', { timeout: 120_000 }, async () => {
  const { url, child, ended } = await serve({ CLEAVER_WORKERS: '2' });
  // The others may still be loading when the first of them answers.
  await expect.poll(async () => (await answersOf(url, 1)).status, { timeout: 60_000 }).toBe(200);
  child.kill('SIGTERM');
  expect(JSON.parse(await ended)).toMatchObject({ outcome: 'done' });
});

test('of a package that is missing is none', async () => {
  const root = await temporaryFolder();
  for (const source of ['pipelines/cli.ts', 'service/load/large-thread.ts']) {
    await mkdir(path.join(root, path.dirname(source)), { recursive: true });
    await writeFile(path.join(root, source), "import 'no-such-package';\n");
  }
  await expect(bundle(root, path.join(root, 'bundle'))).rejects.toThrow(/no-such-package/);
});
