import path from 'node:path';
import { openDuckdbMart } from '../adapters/duckdb-mart.ts';
import { openFileRegistry } from '../adapters/file-registry.ts';
import type { Home } from '../adapters/home.ts';
import { withModelLock } from '../adapters/lock.ts';
import type { Mart } from '../adapters/mart.ts';
import { withPipelineLog } from '../adapters/pipeline-log.ts';
import type { Registry } from '../adapters/registry.ts';
import { openStage, type Stage } from '../adapters/stage.ts';
import { tellMonitoring } from '../adapters/state-metrics.ts';
import type { Model } from '../config.ts';
import { addDays, dayOf, type Day } from '../core/days.ts';

/** One line for the person who waits, and how far a long piece of work has come. */
export type Progress = (text: string, part?: { done: number; total: number }) => void;

/** What every step works with: one model in one state folder. */
export interface StepContext {
  home: Home;
  model: Model;
  mart: Mart;
  /** A database in memory, for reading and writing Parquet files. */
  reader: Stage;
  registry: Registry;
  /** Files in the making; swept by the next command when this one is killed. */
  work: string;
  onProgress: Progress;
}

export interface ContextOptions {
  home: Home;
  model: Model;
  /** Said to others who meet the lock. */
  verb: string;
  /** How long to wait for another command on the model; by default half a minute. */
  waitMs?: number | undefined;
  onProgress: Progress;
}

/**
 * Runs `work` as the only command at work on the model, with live adapters that are closed afterwards; monitoring is told
 * how it ended.
 * Errors: BUSY, and DISK_FULL, DISK_FAILED and STATE_UNWRITABLE, wherever the disk was used.
 */
export async function withContext<T>(
  { home, model, verb, waitMs, onProgress }: ContextOptions,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  const lock = { verb, ...(waitMs !== undefined && { waitMs }) };
  return await withPipelineLog({ home, verb, model, tell: onProgress }, async (log) => {
    const progress: Progress = (text, part) => {
      // How far a long piece of work has come, only a person wants to see.
      if (part === undefined) log.progress(text);
      onProgress(text, part);
    };
    return await withModelLock(home, model.name, lock, async () => {
      const step = { model: model.name, verb, started: new Date(), isDone: false };
      try {
        const result = await withAdapters(home, model, progress, work);
        step.isDone = true;
        return result;
      } finally {
        await tellMonitoring(home, step, path.join(home.work, model.name), onProgress);
      }
    });
  });
}

/** The newest complete day that the mart knows; before there is any, yesterday. */
export async function newestDay({ mart }: Pick<StepContext, 'mart'>, now = new Date()): Promise<Day> {
  return (await mart.featureDays()).at(-1) ?? addDays(dayOf(now), -1);
}

async function withAdapters<T>(
  home: Home,
  model: Model,
  onProgress: Progress,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  const workFolder = path.join(home.work, model.name);
  const reader = await openStage(':memory:', { scratch: workFolder });
  try {
    const mart = openDuckdbMart(home, model, reader);
    const registry = openFileRegistry(home.registry, workFolder);
    try {
      return await work({ home, model, mart, reader, registry, work: workFolder, onProgress });
    } finally {
      await mart.close();
    }
  } finally {
    await reader.close();
  }
}
