import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { preparedModel } from '../support/living-model.ts';
import { runCli, startCli, type RunningCli } from '../support/run-cli.ts';

const withChampion = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
});

/** The address that a server has printed. */
async function addressOf(running: RunningCli): Promise<string> {
  const found = () => /Serving at (http:\/\/[^ ;]+)/.exec(running.stderr())?.[1];
  await expect.poll(found, { timeout: 20_000 }).toBeDefined();
  return found() ?? '';
}

async function takenPort(): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => void other.close());
  return String((other.address() as AddressInfo).port);
}

test('serve answers until SIGTERM, and then ends with 0', async () => {
  const { root } = await withChampion();
  const running = startCli(root, ['serve', '--port', '0', '--json']);
  const url = await addressOf(running);
  const response = await fetch(`${url}/predict/living`, { method: 'POST', body: '{"row": {"x0": 0, "x1": 0}}' });
  expect(await response.json()).toMatchObject({ version: 'v1', predictions: [{ score: 0.5 }] });
  running.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 0, json: { outcome: 'done', url, endedBy: 'SIGTERM' } });
});

test.each(['serve', 'up'])('%s on a port that is taken ends with 2 and PORT_IN_USE', async (verb) => {
  const { root } = await withChampion();
  const port = await takenPort();
  const { status, json } = await runCli(root, [verb, '--port', port, '--json']);
  expect([status, json['code']]).toEqual([2, 'PORT_IN_USE']);
  expect(json['message']).toContain(port);
});

test('up serves and turns the loop of every model until SIGTERM, and then ends with 0', async () => {
  const living = await withChampion();
  living.live(1, 'first');
  const running = startCli(living.root, ['up', '--port', '0', '--json']);
  const url = await addressOf(running);
  await expect.poll(running.stderr, { timeout: 20_000 }).toMatch(/living: 2025-01-13, 1 of 4 new days/);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  running.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 0, json: { outcome: 'stopped' } });
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

test('up says of a turn what is wrong, and goes on serving', async () => {
  const living = await withChampion();
  await living.writeFolder({ martSql: 'SELECT customer FROM visits GROUP' });
  living.live(1, 'first');
  const running = startCli(living.root, ['up', '--port', '0', '--json']);
  const url = await addressOf(running);
  await expect
    .poll(running.stderr, { timeout: 20_000 })
    .toMatch(/^living: MART_SQL_FAILED: .*mart\.sql[^]*What to do:/m);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  running.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 0, json: { outcome: 'stopped' } });
});

test('up --once without the sample says that there is no story to tell', async () => {
  const { root } = await withChampion();
  const { status, json } = await runCli(root, ['up', '--once', '--json']);
  expect([status, json['code']]).toEqual([2, 'OPTION_INVALID']);
});
