import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeAt } from '../pipelines/adapters/home.ts';
import type { RunningServer } from '../service/server.ts';
import { examplesIn, serveNextOrder } from './clients-examples.ts';

const exec = promisify(execFile);
let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cleaver-clients-'));
  server = await serveNextOrder(homeAt(path.join(folder, 'home')));
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe('the examples of clients.md', () => {
  test('those for curl are answered', async () => {
    const [text = ''] = await examplesIn('sh', server.url);
    const commands = [...text.matchAll(/^curl (\S+) -d '(.*)'$/gm)];
    expect(commands).toHaveLength(text.trim().split('\n').length);
    const statuses = await Promise.all(
      commands.map(async ([, url = '', body = '']) => (await fetch(url, { method: 'POST', body })).status),
    );
    // For decisions the server needs models/next-order, which is not here.
    expect(statuses).toEqual([200, 409, 202, 200]);
  });

  test('that in TypeScript prints a score', async () => {
    const [text = ''] = await examplesIn('ts', server.url);
    const file = path.join(folder, 'example.ts');
    const client = pathToFileURL(path.join(import.meta.dirname, '..', 'service', 'client.ts'));
    await writeFile(file, text.replace('./service/client.ts', client.href));
    const { stdout, stderr } = await exec(process.execPath, ['--disable-warning=ExperimentalWarning', file]);
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^v1 [0-9a-f-]{36}(-\d+)? 1\n$/), '']);
  });

  test('that in Python prints a score', async () => {
    const [text = ''] = await examplesIn('python', server.url);
    expect((await exec('python3', ['-c', text])).stdout).toBe('v1 1\n');
  });
});
