import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { preparedModel } from '../../tests/support/living-model.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import type { Day } from '../core/days.ts';
import type { DayOutcome, ModelReport } from '../core/report.ts';
import type { RunRecord, Step } from '../core/run-record.ts';
import { homeAt, type Home } from './home.ts';
import { stampCertificate, stampStep, stampTask } from './state-metrics-stamps.ts';
import { tellMonitoring, writeStateMetrics } from './state-metrics.ts';

const NOW = new Date('2025-03-10T12:00:00Z');
const at = (time: string) => Date.parse(time) / 1000;

let home: Home;
beforeEach(async () => {
  home = homeAt(await temporaryFolder());
});

describe('an empty state', () => {
  test('says when it was written, and nothing else that could be taken for news', async () => {
    const written = await writeStateMetrics(home, home.work, NOW);
    expect(written).toEqual({ file: path.join(home.metrics, 'cleaver.prom'), series: 2, models: [] });
    expect(await valuesOf(home)).toEqual({
      'cleaver_quarantine_lines{model="unknown"}': 0,
      cleaver_state_written_timestamp_seconds: at('2025-03-10T12:00:00Z'),
    });
  });

  test('is written so that everybody can read it, whatever the mask of who writes', async () => {
    const { file } = await writeStateMetrics(home, home.work);
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    await chmod(file, 0o600);
    await writeStateMetrics(home, home.work);
    expect((await stat(file)).mode & 0o777).toBe(0o644);
  });
});

describe('the steps', () => {
  test('ended well last when their newest run record says, and the command that has none', async () => {
    await recordRun('2025-03-08', 'train', '2025-03-09T01:00:00Z', 5000);
    await recordRun('2025-03-09', 'train', '2025-03-10T01:00:00Z', 7000);
    await stampStep(home, 'shop', 'watch', { succeeded: '2025-03-10T02:00:00.000Z', durationMs: 1500 }, home.work);
    expect(await metricsNow('cleaver_step_')).toEqual({
      'last_success_timestamp_seconds{model="shop",step="train"}': at('2025-03-10T01:00:07Z'),
      'last_success_timestamp_seconds{model="shop",step="watch"}': at('2025-03-10T02:00:00Z'),
      'last_duration_seconds{model="shop",step="train"}': 7,
      'last_duration_seconds{model="shop",step="watch"}': 1.5,
      'runs{model="shop",step="train"}': 2,
    });
  });

  test('that found nothing to do in a turn of the loop have ended well in it; their durations stay', async () => {
    await recordRun('2025-03-08', 'etl', '2025-03-09T01:00:00Z', 5000);
    await stampStep(home, 'shop', 'up', { succeeded: '2025-03-10T02:00:00.000Z', durationMs: 900 }, home.work);
    expect(await metricsNow('cleaver_step_last_')).toEqual({
      'success_timestamp_seconds{model="shop",step="etl"}': at('2025-03-10T02:00:00Z'),
      'success_timestamp_seconds{model="shop",step="loop"}': at('2025-03-10T02:00:00Z'),
      'success_timestamp_seconds{model="shop",step="report"}': at('2025-03-10T02:00:00Z'),
      'success_timestamp_seconds{model="shop",step="watch"}': at('2025-03-10T02:00:00Z'),
      'duration_seconds{model="shop",step="etl"}': 5,
      'duration_seconds{model="shop",step="loop"}': 0.9,
    });
  });

  test('with a champion the turn of the loop has delivered', async () => {
    await champion('v1', '2025-03-01');
    await stampStep(home, 'shop', 'loop', { succeeded: '2025-03-10T02:00:00.000Z', durationMs: 1 }, home.work);
    expect(await metricsNow('cleaver_step_last_success_timestamp_seconds')).toHaveProperty([
      '{model="shop",step="deliver"}',
    ]);
  });

  test('that failed have failed, and ended well before', async () => {
    await stampStep(home, 'shop', 'train', { succeeded: '2025-03-10T02:00:00.000Z', durationMs: 1000 }, home.work);
    await stampStep(home, 'shop', 'train', { failed: '2025-03-10T03:00:00.000Z' }, home.work);
    expect(await metricsNow('cleaver_step_last_')).toEqual({
      'success_timestamp_seconds{model="shop",step="train"}': at('2025-03-10T02:00:00Z'),
      'failure_timestamp_seconds{model="shop",step="train"}': at('2025-03-10T03:00:00Z'),
      'duration_seconds{model="shop",step="train"}': 1,
    });
  });
});

test('the newest day of the mart is over at its midnight, whichever queries built it', async () => {
  for (const [mart, day] of [
    ['features-1', '2025-03-07'],
    ['features-2', '2025-03-08'],
    ['labels-1', '2025-03-09'],
  ] as const) {
    await place(path.join(home.mart, 'shop', mart, `as_of=${day}`, 'part.parquet'), '');
  }
  expect(await metricsNow('cleaver_mart_')).toEqual({
    'newest_day_timestamp_seconds{model="shop"}': at('2025-03-09T00:00:00Z'),
  });
});

test('the champion is as old as what it knew, and was promoted when that was done last', async () => {
  await champion('v2', '2025-03-01');
  await recordRun('2025-03-01', 'promote', '2025-03-02T01:00:00Z', 0, { champion: 'v2' });
  await recordRun('2025-03-04', 'promote', '2025-03-05T01:00:00Z', 0, { champion: 'v3' });
  await recordRun('2025-02-01', 'promote', '2025-03-06T01:00:00Z', 1000, { champion: 'v2' });
  expect(await metricsNow('cleaver_champion_')).toEqual({
    'as_of_timestamp_seconds{model="shop",version="v2"}': at('2025-03-02T00:00:00Z'),
    'promoted_timestamp_seconds{model="shop",version="v2"}': at('2025-03-06T01:00:01Z'),
  });
});

describe('the gate', () => {
  test('counts its judgements, refusals since the last that passed, and tells the newest difference', async () => {
    await judge('2025-03-01', 'refused', { difference: { value: -0.1, low: -0.2, high: 0 } });
    await judge('2025-03-02', 'promoted', { difference: { value: 0.25, low: 0.1, high: 0.3 } });
    await judge('2025-03-03', 'refused', { difference: { value: -0.5, low: -0.6, high: -0.4 } });
    await judge('2025-03-04', 'insufficient-data');
    await judge('2025-03-05', 'refused');
    expect(await metricsNow('cleaver_gate_')).toEqual({
      'decisions{model="shop",outcome="promoted"}': 1,
      'decisions{model="shop",outcome="refused"}': 3,
      'decisions{model="shop",outcome="insufficient-data"}': 1,
      'refusals_in_a_row{model="shop"}': 2,
      'auc_difference{model="shop"}': -0.5,
    });
  });

  test('that has refused all has refused them in a row', async () => {
    await judge('2025-03-01', 'refused');
    await judge('2025-03-02', 'refused');
    expect(await metricsNow('cleaver_gate_refusals')).toEqual({ '_in_a_row{model="shop"}': 2 });
  });
});

describe('the quarantine', () => {
  test('is counted by model; what is torn before its name or names no model of ours is unknown', async () => {
    await recordRun('2025-03-08', 'etl', '2025-03-09T01:00:00Z', 0);
    const lines = ['x {"model":"shop"}', '{"mod', '{"model":"shop","ver', '{"model":"sh\u0000p"}', ''];
    await place(path.join(home.quarantine, 'predictions', 'a.jsonl'), lines.join('\n'));
    await place(path.join(home.quarantine, 'predictions', 'b.jsonl'), '{"model":"unheard"}\n');
    expect(await metricsNow('cleaver_quarantine_lines')).toEqual({ '{model="shop"}': 2, '{model="unknown"}': 3 });
  });
});

describe('the report', () => {
  const day = (name: Day, auc?: number): DayOutcome => ({
    ...{ day: name, version: 'v1', rows: 1000, predicted: 0.3, actual: 0.25, auc },
    ...{ logLoss: 0.5, brier: 0.2 },
  });
  const days = [day('2025-03-01', 0.9), day('2025-03-02', 0.6), day('2025-03-03', 0.6), day('2025-03-04', 0.6)];

  test('gives the newest mature day, what the experiment is worth, and the drift since the gate', async () => {
    await champion('v1', '2025-02-25');
    await judge('2025-02-25', 'promoted', { challenger: { auc: 0.9 } });
    const arm = { entities: 100, mean: 2.5, variance: 1 };
    await writeReport({
      days: days.slice(1),
      experiment: {
        ...{ treated: arm, holdout: { entities: 50, mean: 2, variance: 1 }, difference: 0.5, low: 0.1, high: 0.9 },
        ...{ confidence: 0.95, pValue: 0.01 },
      },
    });
    expect(await metricsNow('cleaver_experiment_')).toEqual({
      'entities{model="shop",arm="treated"}': 100,
      'entities{model="shop",arm="holdout"}': 50,
      'value_per_entity{model="shop",arm="treated"}': 2.5,
      'value_per_entity{model="shop",arm="holdout"}': 2,
      'difference{model="shop",bound="estimate"}': 0.5,
      'difference{model="shop",bound="low"}': 0.1,
      'difference{model="shop",bound="high"}': 0.9,
    });
    expect(await metricsNow('cleaver_prediction_')).toEqual({ 'mean{model="shop"}': 0.3, 'auc{model="shop"}': 0.6 });
    expect(await metricsNow('cleaver_outcome_')).toEqual({ 'mean{model="shop"}': 0.25 });
    const drift = await metricsNow('cleaver_drift_');
    expect(drift).toEqual({
      'drifted{model="shop"}': 1,
      'auc{model="shop"}': expect.closeTo(0.6) as number,
      'reference_auc{model="shop"}': 0.9,
    });
  });

  test('of a champion whose days are as at the gate says that nothing has drifted', async () => {
    await champion('v1', '2025-02-25');
    await judge('2025-02-25', 'promoted', { challenger: { auc: 0.6 } });
    await writeReport({ days });
    expect(await metricsNow('cleaver_drift_drifted')).toEqual({ '{model="shop"}': 0 });
  });

  test('leaves out what there is none of: no label of the other class, no champion', async () => {
    await writeReport({ days: [day('2025-03-01')] });
    expect(await metricsNow('cleaver_prediction_')).toEqual({ 'mean{model="shop"}': 0.3 });
    expect(await metricsNow('cleaver_drift_')).toEqual({});
    expect(await metricsNow('cleaver_experiment_')).toEqual({});
  });
});

test('a schedule is due next after the run that came last; of what is no schedule nobody knows when', async () => {
  const slots = { '30 2 * * *': '2025-03-08T02:30:00.000Z', nonsense: '2025-03-08T00:00:00Z' };
  await place(path.join(home.schedules, 'etl.json'), JSON.stringify(slots));
  expect(await metricsNow('cleaver_schedule_')).toEqual({
    'last_run_timestamp_seconds{workflow="etl",cron="30 2 * * *"}': at('2025-03-08T02:30:00Z'),
    'next_due_timestamp_seconds{workflow="etl",cron="30 2 * * *"}': at('2025-03-09T02:30:00Z'),
    'last_run_timestamp_seconds{workflow="etl",cron="nonsense"}': at('2025-03-08T00:00:00Z'),
  });
});

test('tasks and the certificate stay as they were noted last', async () => {
  await stampTask(home, 'backup', new Date('2025-03-09T03:00:00Z'), home.work);
  await stampTask(home, 'dynamic-dns', new Date('2025-03-09T04:00:00Z'), home.work);
  await stampTask(home, 'backup', NOW, home.work);
  const seen = { host: 'shop.example', expires: '2025-05-01T00:00:00Z', checked: '2025-03-10T00:00:00Z' };
  await stampCertificate(home, seen, home.work);
  expect(await metricsNow('cleaver_task_')).toEqual({
    'last_success_timestamp_seconds{task="backup"}': at('2025-03-10T12:00:00Z'),
    'last_success_timestamp_seconds{task="dynamic-dns"}': at('2025-03-09T04:00:00Z'),
  });
  expect(await metricsNow('cleaver_certificate_')).toEqual({
    'expiry_timestamp_seconds{host="shop.example"}': at('2025-05-01T00:00:00Z'),
    'checked_timestamp_seconds{host="shop.example"}': at('2025-03-10T00:00:00Z'),
  });
});

test('a folder that cannot be listed is an error, and no empty state', async () => {
  await writeFile(home.runs, 'a file');
  await expect(writeStateMetrics(home, home.work)).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
});

describe('a command that has ended', () => {
  const ended = { model: 'shop', verb: 'train', started: new Date(Date.now() - 2000) };

  test('is noted by its end', async () => {
    const told: string[] = [];
    await tellMonitoring(home, { ...ended, isDone: true }, home.work, (text) => told.push(text));
    await tellMonitoring(home, { ...ended, verb: 'etl', isDone: false }, home.work, (text) => told.push(text));
    expect(told).toEqual([]);
    const values = await valuesOf(home);
    expect(values['cleaver_step_last_duration_seconds{model="shop",step="train"}']).toBeGreaterThanOrEqual(2);
    expect(Object.keys(values)).toContain('cleaver_step_last_failure_timestamp_seconds{model="shop",step="etl"}');
    expect(Object.keys(values)).not.toContain('cleaver_step_last_success_timestamp_seconds{model="shop",step="etl"}');
  });

  test('is not failed by metrics that cannot be written; the reason is told', async () => {
    await writeFile(home.metrics, 'a file');
    const told: string[] = [];
    await tellMonitoring(home, { ...ended, isDone: true }, home.work, (text) => told.push(text));
    expect(told).toEqual([expect.stringMatching(/^Monitoring is not told of this train: .*metrics/)]);
  });
});

/** A champion, a challenger that was judged against it, deliveries whose labels are mature. */
const lived = preparedModel(async (living) => {
  await living.turn();
  living.live(8, 'second');
  await living.turn();
});

test('a model that has really lived has them, and one that is gone has none left', async () => {
  const living = await lived();
  await writeStateMetrics(living.home, living.home.work);
  const metrics = [...new Set(Object.keys(await valuesOf(living.home)).map((name) => name.replace(/\{.*/, '')))];
  expect(metrics.filter((name) => /champion|mart|gate|experiment|prediction|outcome|drift/.test(name))).toHaveLength(
    14,
  );
  for (const folder of [living.home.runs, living.home.registry, living.home.mart, living.home.reports]) {
    await rm(folder, { recursive: true });
  }
  await rm(path.join(living.home.metrics, 'steps'), { recursive: true });
  await writeStateMetrics(living.home, living.home.work);
  expect(Object.keys(await valuesOf(living.home))).toHaveLength(2);
});

/** What is written now of metrics whose names begin so, by the rest of the name and the labels. */
async function metricsNow(prefix: string): Promise<Record<string, number>> {
  await writeStateMetrics(home, home.work, NOW);
  const found = Object.entries(await valuesOf(home)).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

async function valuesOf({ metrics }: Home): Promise<Record<string, number>> {
  const lines = (await readFile(path.join(metrics, 'cleaver.prom'), 'utf8')).split('\n');
  const values = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    values.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

async function place(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

let records = 0;

async function recordRun(asOf: Day, step: Step, startedAt: string, durationMs: number, result: unknown = {}) {
  const id = `${step}-${String((records += 1)).padStart(12, '0')}`;
  const run: RunRecord = {
    ...{ id, step, model: 'shop', asOf, inputs: {}, outputs: {}, outcome: 'done', result },
    ...{ startedAt, durationMs },
  };
  await place(path.join(home.runs, 'shop', `${asOf}.${id}.json`), JSON.stringify(run));
}

async function judge(asOf: Day, decision: string, more: object = {}): Promise<void> {
  const result = { decision, challengerVersion: 'v1', challenger: { auc: 0.5 }, reasons: [], ...more };
  await recordRun(asOf, 'evaluate', `${asOf}T12:00:00Z`, 0, result);
}

async function champion(version: string, asOf: Day): Promise<void> {
  await place(path.join(home.registry, 'shop', 'versions', `${version}.json`), JSON.stringify({ version, asOf }));
  await place(path.join(home.registry, 'shop', 'aliases', 'champion'), `${version}\n`);
}

async function writeReport(more: Partial<ModelReport>): Promise<void> {
  const report: ModelReport = {
    ...{ model: 'shop', title: 'The shop', asOf: '2025-03-09', maturityDays: 2, valueUnit: 'EUR', days: [], marks: [] },
    ...more,
  };
  await place(path.join(home.reports, 'shop.json'), JSON.stringify(report));
}
