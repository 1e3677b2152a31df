import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { livingModel } from '../../tests/support/living-model.ts';
import { runCli } from '../../tests/support/run-cli.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { startTlsServer } from '../../tests/support/tls-server.ts';

test('metrics writes what is there, and says how much', async () => {
  const root = await temporaryFolder();
  const file = path.join(root, 'state', 'metrics', 'cleaver.prom');
  const { status, json, stderr } = await runCli(root, ['metrics', '--json']);
  expect([status, stderr]).toEqual([0, '']);
  expect(json).toEqual({ outcome: 'done', file, series: 2, models: [] });
  expect(await readFile(file, 'utf8')).toContain('\ncleaver_state_written_timestamp_seconds ');
  expect((await runCli(root, ['metrics'])).stdout).toBe(`${file}: 2 values, models: none yet\n`);
});

test('a task that is done stays noted when others come, and when a step writes anew', async () => {
  const living = await livingModel({ days: 2, customers: 10 });
  await living.writeFolder();
  expect((await runCli(living.root, ['metrics', '--done', 'backup', '--json'])).json).toMatchObject({ task: 'backup' });
  await runCli(living.root, ['metrics', '--done', 'dynamic-dns']);
  expect((await runCli(living.root, ['etl', '--json'])).status).toBe(0);
  const text = await textOf(living.root);
  expect(text).toMatch(/^cleaver_task_last_success_timestamp_seconds\{task="backup"\} \d/m);
  expect(text).toMatch(/^cleaver_task_last_success_timestamp_seconds\{task="dynamic-dns"\} \d/m);
  expect(text).toMatch(/^cleaver_step_last_success_timestamp_seconds\{model="living",step="etl"\} \d/m);
});

test('a task with a name that is none is a wrong use', async () => {
  const { status, json } = await runCli(await temporaryFolder(), ['metrics', '--done', 'My Backup', '--json']);
  expect([status, json['code']]).toEqual([2, 'OPTION_INVALID']);
  expect(json['message']).toContain('lower case letters, digits and dashes');
});

test('the certificate of the public address is told, and stays known when it cannot be asked', async () => {
  const [root, { port, expires }] = [await temporaryFolder(), await startTlsServer(30)];
  const host = `127.0.0.1:${port}`;
  const { json } = await runCli(root, ['metrics', '--json'], { CLEAVER_PUBLIC_URL: `https://${host}/` });
  expect(json['certificate']).toEqual({ host, expires: expires.toISOString() });
  const line = `cleaver_certificate_expiry_timestamp_seconds{host="${host}"} ${expires.getTime() / 1000}\n`;
  expect(await textOf(root)).toContain(line);
  const away = await runCli(root, ['metrics', '--json'], { CLEAVER_PUBLIC_URL: 'https://127.0.0.1:1' });
  const problem = 'connect ECONNREFUSED 127.0.0.1:1';
  expect(away.json).toMatchObject({ outcome: 'done', certificate: { host: '127.0.0.1:1', problem } });
  expect(away.stderr).toBe(`No certificate of 127.0.0.1:1: ${problem}\n`);
  expect(await textOf(root)).toContain(line);
});

test.each(['shop', 'ftp://shop.example'])(
  '%s as the public address is refused, before anything is written',
  async (url) => {
    const root = await temporaryFolder();
    const { status, json } = await runCli(root, ['metrics', '--json'], { CLEAVER_PUBLIC_URL: url });
    expect([status, json['code'], json['message']]).toEqual([
      2,
      'OPTION_INVALID',
      `CLEAVER_PUBLIC_URL is no address: ${url}`,
    ]);
    expect(await readdir(root)).toEqual([]);
  },
);

test('a public address without a certificate is none to ask for one', async () => {
  const { json } = await runCli(await temporaryFolder(), ['metrics', '--json'], {
    CLEAVER_PUBLIC_URL: 'http://shop.example',
  });
  expect(json).not.toHaveProperty('certificate');
});

test('metrics that cannot be written are an error of this verb, and of a step a line', async () => {
  const living = await livingModel({ days: 2, customers: 10 });
  await living.writeFolder();
  await mkdir(living.home.root);
  await writeFile(living.home.metrics, 'a file');
  expect((await runCli(living.root, ['metrics', '--json'])).status).toBe(2);
  const { status, stderr } = await runCli(living.root, ['etl', '--json']);
  expect(status).toBe(0);
  expect(stderr).toContain('Monitoring is not told of this etl: ');
});

async function textOf(root: string): Promise<string> {
  return await readFile(path.join(root, 'state', 'metrics', 'cleaver.prom'), 'utf8');
}
