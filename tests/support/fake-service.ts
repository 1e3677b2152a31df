import type { Hono } from 'hono';
import { loadScorer } from '../../pipelines/adapters/scorer.ts';
import type { ModelReport } from '../../pipelines/core/report.ts';
import { createApp } from '../../service/app.ts';
import { createMetrics } from '../../service/metrics.ts';
import { ServedModels } from '../../service/served-models.ts';
import { type FakeRegistry, fakeRegistry } from './fake-registry.ts';

/** The app with everything in memory but the models; `shop` is served in version v1 (`first.onnx`). */
export interface FakeService {
  app: Hono;
  registry: FakeRegistry;
  models: ServedModels;
  reports: Map<string, ModelReport>;
  lines: string[];
  /** Posts JSON, or a text as it is; answers status and JSON. */
  post(address: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
}

/** Starts one; close `models` afterwards. */
export async function openFakeService(): Promise<FakeService> {
  const registry = fakeRegistry();
  registry.add('shop', 'v1', 'first');
  await registry.promote('shop', 'v1');
  const metrics = createMetrics();
  const lines: string[] = [];
  const now = () => new Date('2025-04-02T03:00:00Z');
  const models = new ServedModels({ registry, load: loadScorer, now, onEvent: metrics.modelEvent });
  await models.refresh();
  const reports = new Map<string, ModelReport>();
  const app = createApp({
    models,
    metrics,
    reports: {
      names: () => Promise.resolve([...reports.keys()]),
      read: (model) => Promise.resolve(reports.get(model)),
    },
    log: (line) => lines.push(line),
    serverVersion: '1.2.3',
  });
  const post: FakeService['post'] = async (address, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await app.request(address, { method: 'POST', body: text });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { app, registry, models, reports, lines, post };
}
