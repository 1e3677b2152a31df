import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Day } from '../core/days.ts';
import type { RunRecord, Step } from '../core/run-record.ts';
import { hasCode, hashValue, onDisk, placeText, readTextIfThere } from './files.ts';
import { gitCommitOf } from './git-commit.ts';
import type { Home } from './home.ts';
import { logRun } from './pipeline-log.ts';

export interface RunIntent {
  step: Step;
  model: string;
  asOf: Day;
  inputs: Record<string, string>;
}

export type RunFindings<Result> = Pick<RunRecord<Result>, 'outcome' | 'outputs' | 'result'>;

/**
 * Does a piece of work once: when a record of the same step, model and inputs is there and its result still `stands`,
 * that is the answer (`fresh` is false). Killed on the way, a run leaves no record and is done again.
 */
export async function runOnce<Result>(
  home: Home,
  intent: RunIntent,
  work: (runId: string) => Promise<RunFindings<Result>>,
  stands: (run: RunRecord<Result>) => Promise<boolean> = () => Promise.resolve(true),
): Promise<{ run: RunRecord<Result>; fresh: boolean }> {
  const text = await readTextIfThere(recordFile(home, intent));
  const known = text === undefined ? undefined : (JSON.parse(text) as RunRecord<Result>);
  if (known !== undefined && (await stands(known))) return { run: known, fresh: false };
  return { run: await recordRun(home, intent, work), fresh: true };
}

/** Does a piece of work and records it. */
export async function recordRun<Result>(
  home: Home,
  intent: RunIntent,
  work: (runId: string) => Promise<RunFindings<Result>>,
): Promise<RunRecord<Result>> {
  const started = Date.now();
  const logRecord = logRun(runIdOf(intent), intent.step);
  const findings = await work(runIdOf(intent));
  const run: RunRecord<Result> = {
    id: runIdOf(intent),
    ...intent,
    ...findings,
    gitCommit: await gitCommit(),
    startedAt: new Date(started).toISOString(),
    durationMs: Date.now() - started,
  };
  await placeText(
    recordFile(home, intent),
    path.join(home.work, intent.model),
    `${JSON.stringify(run, undefined, 2)}\n`,
  );
  logRecord(run);
  return run;
}

function runIdOf({ step, model, asOf, inputs }: RunIntent): string {
  return `${step}-${hashValue([step, model, asOf, inputs]).slice(0, 12)}`;
}

function recordFile(home: Home, intent: RunIntent): string {
  return path.join(home.runs, intent.model, `${intent.asOf}.${runIdOf(intent)}.json`);
}

/** A model's run records of some steps, oldest day first; within a day in the order in which they were made. */
export async function listRuns<Result = unknown>(
  home: Home,
  model: string,
  ...steps: Step[]
): Promise<RunRecord<Result>[]> {
  const files = (await runFiles(home, model)).filter(
    (file) => steps.length === 0 || steps.some((step) => file.includes(`.${step}-`)),
  );
  const runs = await Promise.all(files.map((file) => readRun<Result>(home, model, file)));
  return runs.sort((a, b) => compare(a.asOf, b.asOf) || compare(a.startedAt, b.startedAt));
}

/** The newest record of a step. */
export async function latestRun<Result = unknown>(
  home: Home,
  model: string,
  step: Step,
): Promise<RunRecord<Result> | undefined> {
  const files = (await runFiles(home, model)).filter((file) => file.includes(`.${step}-`));
  const day = files.at(-1)?.slice(0, 'YYYY-MM-DD'.length);
  if (day === undefined) return undefined;
  const runs = await Promise.all(
    files.filter((file) => file.startsWith(day)).map((file) => readRun<Result>(home, model, file)),
  );
  return runs.sort((a, b) => compare(a.startedAt, b.startedAt)).at(-1);
}

async function runFiles(home: Home, model: string): Promise<string[]> {
  const folder = path.join(home.runs, model);
  try {
    return (await onDisk(folder, () => readdir(folder))).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readRun<Result>(home: Home, model: string, file: string): Promise<RunRecord<Result>> {
  const text = await readTextIfThere(path.join(home.runs, model, file));
  return JSON.parse(text ?? 'null') as RunRecord<Result>;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

let commit: Promise<string | undefined> | undefined;

/** The commit of the repository that this code lies in; asked once. */
async function gitCommit(): Promise<string | undefined> {
  commit ??= gitCommitOf(import.meta.dirname);
  return await commit;
}
