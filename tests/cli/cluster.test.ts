import { expect, test } from 'vitest';
import { preparedModel } from '../support/living-model.ts';
import { runCli, startCli } from '../support/run-cli.ts';

const withChampion = preparedModel(async (living) => {
  await living.writeFolder();
  await living.turn();
});
const BODY = '{"row": {"x0": 0, "x1": 0}}';

test('several processes share a port: one that dies is replaced, and each page counts what all have answered', async () => {
  const { root } = await withChampion();
  const running = startCli(root, ['serve', '--port', '0', '--json'], { CLEAVER_WORKERS: '2' });
  const found = () => /Serving at (http:\/\/[^ ;]+)/.exec(running.stderr())?.[1];
  await expect.poll(found, { timeout: 30_000 }).toBeDefined();
  const url = found() ?? '';
  const ask = async () => {
    const response = await fetch(`${url}/predict/living`, {
      method: 'POST',
      body: BODY,
      headers: { connection: 'close' },
    });
    return response.status;
  };
  await expect.poll(() => ask().catch(() => 0), { timeout: 20_000 }).toBe(200);
  const pids = () => new Set([...running.stderr().matchAll(/"process.pid":(\d+)/g)].map(([, pid]) => Number(pid)));
  await expect.poll(() => pids().size, { timeout: 20_000 }).toBe(2);
  const counted = async () => {
    const page = await (await fetch(`${url}/metrics`)).text();
    return Number(
      /^cleaver_http_requests_total\{method="POST",route="\/predict\/:model",status="200"\} (\d+)$/m.exec(page)?.[1],
    );
  };
  const before = await counted();
  for (let count = 0; count < 20; count += 1) expect(await ask()).toBe(200);
  for (let count = 0; count < 4; count += 1) expect(await counted()).toBe(before + 20);

  const [first = 0] = pids();
  process.kill(first, 'SIGKILL');
  await expect
    .poll(running.stderr, { timeout: 20_000 })
    .toContain(`process ${first} has ended (SIGKILL); another starts`);
  await expect.poll(() => pids().size, { timeout: 30_000 }).toBe(3);
  expect(await ask()).toBe(200);
  running.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ status: 0, json: { outcome: 'done', url, endedBy: 'SIGTERM' } });
});

test('several processes on a host that is not here end with 2 before any starts', async () => {
  const { root } = await withChampion();
  const { status, json } = await runCli(root, ['serve', '--host', '192.0.2.1', '--port', '0', '--json'], {
    CLEAVER_WORKERS: '2',
  });
  expect([status, json['code']]).toEqual([2, 'OPTION_INVALID']);
});
