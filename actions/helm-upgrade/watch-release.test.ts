import { expect, onTestFinished, test, vi } from 'vitest';
import { openCluster } from './cluster/kubectl.ts';
import { fakeCluster } from './fake-cluster.ts';
import type { Scene } from './fake-programs.ts';
import { metricsReader } from './metrics/read-metrics.ts';
import { pause } from './pause.ts';
import { watchRelease } from './watch-release.ts';

const budgets = { errorRate: 0.01, p99Factor: 2, p99FloorSeconds: 0.1, scoreShift: 0.25 };
const down = 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n';

async function watched(scene: Scene, blindMs: number) {
  const { programs } = fakeCluster(scene);
  const cluster = openCluster(programs, { release: 'shop', namespace: 'shop', metricsPort: 9464 });
  onTestFinished(() => cluster.close());
  const readMetrics = metricsReader({ cluster, namespace: 'shop', prometheusUrl: '', onTrouble: () => undefined });
  const lines: string[] = [];
  const onLook = (text: string) => lines.push(text);
  // The first look, at the former pods, must be possible.
  const played = {
    ...cluster,
    pods: () => (lines.length === 0 && first ? ((first = false), Promise.resolve([])) : cluster.pods()),
  };
  let first = true;
  const watch = await watchRelease({ cluster: played, readMetrics, budgets, lookMs: 5, risk: 1e-5, blindMs, onLook });
  return { watch, lines };
}

test('pods that cannot be seen for a while are looked for again', async () => {
  const { watch, lines } = await watched(
    { fails: { 'GET /api/v1/namespaces/shop/pods?': { stderr: down, times: 3 } } },
    60_000,
  );
  await vi.waitUntil(() => lines.some((line) => line.includes('new pods are ready')), 10_000);
  await watch.stop();
  expect(lines.filter((line) => line.startsWith('The pods cannot be seen: kubectl get: The connection'))).toHaveLength(
    3,
  );
  expect(lines.at(-1)).toMatch(/new pods are ready/);
  expect([watch.bad.aborted, watch.reasons()]).toEqual([false, []]);
});

test('pods that cannot be seen for too long are a reason to go back', async () => {
  const { watch } = await watched({ fails: { 'GET /api/v1/namespaces/shop/pods?': { stderr: down } } }, 50);
  await pause(60_000, watch.bad);
  await watch.stop();
  expect(watch.reasons()).toEqual([expect.stringMatching(/^the pods could not be seen: kubectl get: The connection/)]);
});
