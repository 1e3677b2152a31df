import path from 'node:path';
import type { Step } from '../core/run-record.ts';
import type { Home } from './home.ts';
import { latestRun } from './run-store.ts';
import { namesIn } from './state-metrics-files.ts';
import { sample, secondsOf, type Sample } from './state-metrics-names.ts';
import { readSteps } from './state-metrics-stamps.ts';

/** A good end of a step; its duration where the step was a command or a piece of work of its own. */
interface GoodEnd {
  step: string;
  at: number;
  durationMs?: number | undefined;
}

/** What every turn of the loop does, whether there is work or not; with a champion also `deliver`. */
const IN_EVERY_TURN = ['etl', 'report', 'watch'];

/** When the steps of a model ended well last, by its run records and by what was noted of commands. */
export async function stepSamples(home: Home, model: string, hasChampion: boolean): Promise<Sample[]> {
  const runs = countBy(stepsIn(await namesIn(path.join(home.runs, model))));
  // `up` turns the loop too.
  const commands = Object.entries(await readSteps(home, model)).map(
    ([verb, stamp]) => [verb === 'up' ? 'loop' : verb, stamp] as const,
  );
  const inTurn = [...IN_EVERY_TURN, ...(hasChampion ? ['deliver'] : [])];
  const recorded = await Promise.all([...runs.keys()].map((step) => recordedEnd(home, model, step)));
  const ends = [...recorded.flat()];
  for (const [verb, { succeeded, durationMs }] of commands) {
    if (succeeded === undefined) continue;
    const at = Date.parse(succeeded);
    ends.push({ step: verb, at, durationMs });
    if (verb === 'loop') ends.push(...inTurn.map((step) => ({ step, at })));
  }
  ends.sort((a, b) => a.at - b.at);
  return [
    ...[...new Set(ends.map(({ step }) => step))].flatMap((step) => {
      const own = ends.filter((end) => end.step === step);
      const timed = own.findLast(({ durationMs }) => durationMs !== undefined);
      const seconds = timed?.durationMs === undefined ? undefined : timed.durationMs / 1000;
      return [
        ...sample('cleaver_step_last_success_timestamp_seconds', secondsOf(own.at(-1)?.at), { model, step }),
        ...sample('cleaver_step_last_duration_seconds', seconds, { model, step }),
      ];
    }),
    ...commands.flatMap(([step, { failed }]) =>
      sample('cleaver_step_last_failure_timestamp_seconds', secondsOf(failed), { model, step }),
    ),
    ...[...runs].flatMap(([step, count]) => sample('cleaver_step_runs', count, { model, step })),
  ];
}

async function recordedEnd(home: Home, model: string, step: Step): Promise<GoodEnd[]> {
  const run = await latestRun(home, model, step);
  if (run === undefined) return [];
  return [{ step, at: Date.parse(run.startedAt) + run.durationMs, durationMs: run.durationMs }];
}

/** The steps of run records, by the names of their files. */
function stepsIn(files: readonly string[]): Step[] {
  return files
    .map((file) => /\.([a-z]+)-[0-9a-f]+\.json$/.exec(file)?.[1] as Step | undefined)
    .filter((step) => step !== undefined);
}

function countBy<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
