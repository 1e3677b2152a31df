import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../core/errors.ts';
import { placeFile } from './files.ts';
import type { Home } from './home.ts';
import { quarantineSamples } from './state-metrics-quarantine.ts';
import { namesIn, withoutEnding } from './state-metrics-files.ts';
import { modelSamples } from './state-metrics-model.ts';
import { sample, secondsOf, STATE_METRICS, type Sample, type StateMetric } from './state-metrics-names.ts';
import { scheduleSamples } from './state-metrics-schedules.ts';
import { stampSamples, stampStep, stepsFolder } from './state-metrics-stamps.ts';

export interface WrittenMetrics {
  file: string;
  /** How many values are in it, and of which models. */
  series: number;
  models: string[];
}

/**
 * Writes what monitoring reads of the state, of all models in it: `metrics/cleaver.prom`, for the textfile collector of
 * the node exporter, whoever that runs as. `work` is for files in the making. Errors: DISK_FULL, DISK_FAILED,
 * STATE_UNWRITABLE.
 */
export async function writeStateMetrics(home: Home, work: string, now = new Date()): Promise<WrittenMetrics> {
  const models = await modelsIn(home);
  const samples = [
    ...(await Promise.all(models.map((model) => modelSamples(home, model)))).flat(),
    ...(await quarantineSamples(home, models)),
    ...(await scheduleSamples(home)),
    ...(await stampSamples(home)),
    ...sample('cleaver_state_written_timestamp_seconds', secondsOf(now.getTime()), {}),
  ];
  const text = await textOf(samples);
  const file = path.join(home.metrics, 'cleaver.prom');
  await placeFile(file, work, async (temporary) => {
    await writeFile(temporary, text);
    await chmod(temporary, 0o644);
  });
  return { file, series: samples.length, models };
}

export interface EndedStep {
  model: string;
  verb: string;
  started: Date;
  isDone: boolean;
}

/**
 * Notes how a command on a model ended and writes the metrics anew, under the model's lock. It never throws: what was done
 * is done. `tell` gets the reason where they could not be written.
 */
export async function tellMonitoring(
  home: Home,
  { model, verb, started, isDone }: EndedStep,
  work: string,
  tell: (text: string) => void,
): Promise<void> {
  const now = new Date();
  const at = now.toISOString();
  const stamp = isDone ? { succeeded: at, durationMs: now.getTime() - started.getTime() } : { failed: at };
  try {
    await stampStep(home, model, verb, stamp, work);
    await writeStateMetrics(home, work, now);
  } catch (error) {
    tell(`Monitoring is not told of this ${verb}: ${messageOf(error)}`);
  }
}

async function modelsIn(home: Home): Promise<string[]> {
  const folders = await Promise.all(
    [home.mart, home.registry, home.runs, home.reports, stepsFolder(home)].map(namesIn),
  );
  const names = folders.flat().map((name) => withoutEnding(name, '.json'));
  // The names that a model's folder can have: not what else may lie there.
  return [...new Set(names)].filter((name) => /^[a-z][a-z0-9-]*$/.test(name)).sort();
}

async function textOf(samples: readonly Sample[]): Promise<string> {
  // Loaded now, so that help and lists do without it.
  const { Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  const gauges = new Map<StateMetric, InstanceType<typeof Gauge>>();
  for (const { metric: name, labels, value } of samples) {
    const { help, labels: labelNames } = STATE_METRICS[name];
    const gauge = gauges.get(name) ?? new Gauge({ name, help, labelNames, registers: [registry] });
    gauges.set(name, gauge);
    gauge.set(labels, value);
  }
  return await registry.metrics();
}
