import fc from 'fast-check';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { errorResponse } from '../../service/error-response.ts';
import { LoadedModel } from '../../service/models/loaded-model.ts';
import { requestId } from '../../service/request/request-id.ts';
import { openInferenceRoutes, type OpenInferenceOptions } from '../../service/routes/open-inference.ts';
import { fakeVersion } from '../support/fake-registry.ts';
import { brokenRequests, isReadOrRefused } from './open-inference-faults.ts';
import { FEATURES, goodRequests, MAX_ROWS, readSent } from './open-inference-requests.ts';

test('50,000 good requests read as they are meant', () => {
  fc.assert(
    fc.property(goodRequests, ({ meant, ...sent }) => {
      expect(readSent(sent)).toEqual(meant);
    }),
    { numRuns: 50_000 },
  );
});

test('50,000 broken requests are refused with their place, or read as values that a model may be given', () => {
  fc.assert(fc.property(brokenRequests, isReadOrRefused), { numRuns: 50_000 });
});

test('10,000 broken requests are answered by the routes, and none as a fault of theirs', async () => {
  const faults: unknown[] = [];
  const app = new Hono()
    .use(requestId())
    .onError(errorResponse({ error: (...fault: unknown[]) => faults.push(fault) }));
  app.route('/v2', openInferenceRoutes(routeOptions()));
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(brokenRequests, async ({ body, headerLength }) => {
      const response = await app.request('/v2/models/shop/infer', {
        method: 'POST',
        body: Uint8Array.from(body),
        headers: headerLength === null ? {} : { 'inference-header-content-length': headerLength },
      });
      statuses.add(response.status);
      return response.status === 200 || ((await response.json()) as { error: string }).error !== '';
    }),
    { numRuns: 10_000 },
  );
  expect([...statuses].sort()).toEqual([200, 400]);
  expect(faults).toEqual([]);
});

/** One model, which scores all alike. */
function routeOptions(): OpenInferenceOptions {
  const version = { ...fakeVersion('shop', 'v1', 'first'), features: FEATURES };
  const score = (_: Float32Array, rows: number) => Promise.resolve(new Float32Array(rows).fill(0.5));
  const scorer = { input: 'features', output: 'score', score, close: () => Promise.resolve() };
  const limits = { batchRows: 256, waitingRows: 4096, waitingMs: 10_000 };
  const loaded = new LoadedModel(version, scorer, { loadedAt: new Date(0), limits });
  return {
    models: {
      use: (_, work) => work(loaded),
      versions: () => ['v1'],
      statuses: () => [],
      registryProblem: undefined,
    },
    metrics: { rows: () => undefined },
    serverVersion: '1.2.3',
    limits: { bodyBytes: 1024 * 1024, rows: MAX_ROWS },
    record: () => undefined,
  };
}
