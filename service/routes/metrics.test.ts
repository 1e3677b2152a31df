import { expect, test } from 'vitest';
import { metricsApp } from './metrics.ts';

test('a page that cannot be made is a bug that goes to the log, and the probes go on', async () => {
  const told: unknown[] = [];
  const app = metricsApp({
    metrics: { text: () => Promise.reject(new TypeError('secret detail')), contentType: 'text/plain' },
    models: { statuses: () => [], registryProblem: undefined },
    log: { error: ({ error }) => told.push(error) },
  });
  const response = await app.request('/metrics');
  expect([response.status, await response.json()]).toEqual([500, expect.objectContaining({ code: 'INTERNAL' })]);
  expect(told).toEqual([new TypeError('secret detail')]);
  expect((await app.request('/livez')).status).toBe(200);
});
