import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fakeCluster } from '../fake-cluster.ts';
import type { Scene } from '../fake-programs.ts';
import { takeLock } from './lease.ts';

const LIMITS = { leaseMs: 300, renewMs: 20, lookMs: 5 };

const take = (cluster: ReturnType<typeof fakeCluster>, holder: string, waitMs = 0) =>
  takeLock(cluster.programs, {
    ...{ release: 'shop', namespace: 'shop', holder, waitMs, limits: LIMITS },
    onWait: () => undefined,
  });
const lost = async (signal: AbortSignal) => {
  await once(signal, 'abort');
};

test('a lock is one run’s, is renewed, and is free again afterwards', async () => {
  const cluster = fakeCluster();
  const lock = await take(cluster, 'one');
  await expect(take(cluster, 'other', 50)).rejects.toMatchObject({ code: 'RELEASE_BUSY' });
  // Longer than it lasts when it is not renewed.
  await sleep(3 * LIMITS.leaseMs);
  await expect(take(cluster, 'other', 50)).rejects.toMatchObject({ code: 'RELEASE_BUSY' });
  expect(lock.lost.aborted).toBe(false);
  await lock.free();
  expect(cluster.holder()).toBe('');
  await (await take(cluster, 'other')).free();
});

test('of many at once one has it', async () => {
  const cluster = fakeCluster();
  const takes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((holder) => take(cluster, holder)));
  expect(takes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
});

test('one that was taken away is noticed', async () => {
  const cluster = fakeCluster();
  const lock = await take(cluster, 'one');
  const gone = lost(lock.lost);
  cluster.lease('a thief', 60);
  await gone;
  await lock.free();
  expect(cluster.holder()).toBe('a thief');
});

test('one that cannot be renewed is lost when it has run out, not at the first failure', async () => {
  const fails: Scene['fails'] = { 'kubectl replace': { stderr: 'Unable to connect to the server: i/o timeout\n' } };
  const lock = await take(fakeCluster({ fails }), 'one');
  const start = performance.now();
  await lost(lock.lost);
  expect(performance.now() - start).toBeGreaterThan(LIMITS.leaseMs - 50);
});

test('another that was quicker is waited for', async () => {
  const stderr = 'Error from server (Conflict): error when replacing "STDIN": the object has been modified\n';
  const cluster = fakeCluster({ fails: { 'kubectl replace': { stderr, times: 1 } } });
  cluster.lease('', 60);
  await (await take(cluster, 'one')).free();
  expect(cluster.holder()).toBe('');
});
