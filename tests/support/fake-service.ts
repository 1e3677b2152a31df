import type { Hono } from 'hono';
import { loadScorer } from '../../pipelines/adapters/scorer.ts';
import type { ModelReport } from '../../pipelines/core/report.ts';
import { createApp } from '../../service/app.ts';
import { createMetrics } from '../../service/metrics/metrics.ts';
import { personLog } from '../../service/log/person-log.ts';
import type { OutcomeRow, Recorder, ScoredRows } from '../../service/record/recorder.ts';
import { ServedModels } from '../../service/models/served-models.ts';
import { readSettings } from '../../service/settings.ts';
import { Shadow } from '../../service/models/shadow.ts';
import { type FakeRegistry, fakeRegistry } from './fake-registry.ts';

/** The app with everything in memory but the models; `shop` is served in version v1 (`first.onnx`). */
export interface FakeService {
  app: Hono;
  registry: FakeRegistry;
  models: ServedModels;
  reports: Map<string, ModelReport>;
  lines: string[];
  /** What was taken down, by the fake recorder. */
  recorded: { rows: ScoredRows[]; outcomes: OutcomeRow[] };
  /** What the fake recorder answers; undefined: nobody waits. */
  recording: { answer: (() => Promise<void>) | undefined };
  /** Posts JSON, or a text as it is; answers status and JSON. */
  post: (address: string, body: unknown) => Promise<{ status: number; body: Record<string, unknown> }>;
}

export interface FakeServiceOptions {
  /** Settings as in the environment. */
  environment?: Record<string, string>;
  /** Share of the requests for the shadow; the challenger is served with it. */
  shadowShare?: number;
  experiment?: { name: string; holdoutShare: number } | undefined;
  record?: boolean;
}

const EXPERIMENT = { name: 'offers', holdoutShare: 0.5 };
const BATCHES = { batchRows: 256, waitingRows: 4096, waitingMs: 10_000 };

/** Starts one; close `models` afterwards. */
export async function openFakeService(options: FakeServiceOptions = {}): Promise<FakeService> {
  const { environment = {}, shadowShare = 0, record = true } = options;
  const experiment = 'experiment' in options ? options.experiment : EXPERIMENT;
  const registry = fakeRegistry();
  registry.add('shop', 'v1', 'first');
  await registry.promote('shop', 'v1');
  const metrics = createMetrics();
  const lines: string[] = [];
  const now = () => new Date('2025-04-02T03:00:00Z');
  const models = new ServedModels({
    ...{ registry, load: loadScorer, now, onEvent: metrics.modelEvent, limits: BATCHES, onBatch: metrics.batch },
    experiment: () => Promise.resolve(experiment),
    challengers: shadowShare > 0,
  });
  await models.refresh();
  const reports = new Map<string, ModelReport>();
  const recorded: FakeService['recorded'] = { rows: [], outcomes: [] };
  const recording: FakeService['recording'] = { answer: undefined };
  const recorder: Recorder = {
    record(rows): Promise<void> | undefined {
      recorded.rows.push(rows);
      return recording.answer?.();
    },
    outcomes(rows): Promise<void> | undefined {
      recorded.outcomes.push(...rows);
      return recording.answer?.();
    },
    state: { written: 3, dropped: 1, waitingBytes: 7, files: 1, problem: undefined },
    close: () => Promise.resolve(),
  };
  const shadow = new Shadow({
    ...{ models, recorder, share: shadowShare, onShadow: metrics.shadow, onFailure: metrics.shadowFailed },
  });
  metrics.watch({ models, recorder, waitingRows: BATCHES.waitingRows });
  const app = createApp({
    ...{ models, metrics, shadow, recorder: record ? recorder : undefined, settings: readSettings(environment) },
    reports: {
      names: () => Promise.resolve([...reports.keys()]),
      read: (model) => Promise.resolve(reports.get(model)),
    },
    log: personLog((line) => lines.push(line)),
    serverVersion: '1.2.3',
  });
  const post: FakeService['post'] = async (address, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await app.request(address, { method: 'POST', body: text });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { app, registry, models, reports, lines, recorded, recording, post };
}
