import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { homeAt, type Home } from '../adapters/home.ts';
import { ensurePython } from '../adapters/python-environment.ts';
import { DEFAULT_TRAINER_LOCK } from '../adapters/trainer.ts';
import { endLeftoverTrainer } from '../adapters/trainer-process.ts';
import { loadModel, modelNames } from '../config.ts';
import { CleaverError } from '../core/errors.ts';
import { collect } from '../steps/collect.ts';
import { withContext } from '../steps/context.ts';
import { loop, type LoopResult } from '../steps/loop.ts';
import { describeError, describeResult, type PersonConsole } from './console.ts';
import { watchMemory } from './memory.ts';
import type { Answer } from './program.ts';
import { hasSampleStory, SAMPLE_MODEL, tellSampleStory } from './sample-story.ts';
import { untilTold } from './serve.ts';
import { startServer } from './server-process.ts';

/** How often real models look for news. */
const LOOP_EVERY_MS = 10 * 60_000;

/** The loop for every model and the server, all on this machine; the sample shop lives in fast-forward. */
export async function up(options: Record<string, unknown>, console: PersonConsole): Promise<Answer> {
  const started = Date.now();
  const home = homeAt();
  const once = options['once'] === true;
  const hasStory = await hasSampleStory();
  const real = (await modelNames()).filter((name) => !hasStory || name !== SAMPLE_MODEL);
  if (once && !hasStory) throw noStory();
  for (const line of introduction(home, real, hasStory, once)) console.line(line);
  const memory = watchMemory();
  const line = (text: string) => {
    console.line(text);
  };
  if (hasStory) await ensurePython(DEFAULT_TRAINER_LOCK, line);
  const server = await startServer(home, Number(options['port'] ?? (once ? 0 : 8080)));
  console.line(`Serving at ${server.url}; the manager's page: ${server.url}/admin`);
  const stopped = untilTold().then(() => undefined);
  try {
    if (!once) {
      for (const name of real) void keepDoing(name, console, () => turnLoop(home, name, console));
      void keepDoing('record', console, () => collectRecord(home));
    }
    const story = hasStory
      ? tellSampleStory({
          ...{ home, serviceUrl: server.url, line, progress: console.progress.bind(console) },
          ...{ retrain: options['retrain'] !== false, seed: Number(options['seed'] ?? 1) },
        })
      : stopped;
    const told = await Promise.race([story, stopped, server.died()]);
    if (told === undefined) return await endEarly(home, hasStory ? [...real, SAMPLE_MODEL] : real);
    const figures = { ...told, seconds: (Date.now() - started) / 1000, peakMemoryMb: await memory.stop() };
    if (once) return { json: { outcome: 'done', ...figures }, text: describeResult(figures) };
    console.line(
      `${describeResult(figures)}\nThe story is told: ${server.url}/admin shows it. Ctrl-C ends the server.`,
    );
    await Promise.race([stopped, server.died()]);
    return { json: { outcome: 'done', ...figures }, text: 'Ended.' };
  } finally {
    await server.stop();
  }
}

/** Something by the real clock; an error is said and the next turn tries again. */
async function keepDoing(
  name: string,
  console: PersonConsole,
  turn: () => Promise<string | undefined>,
): Promise<never> {
  for (;;) {
    try {
      const said = await turn();
      if (said !== undefined) console.line(`${name}: ${said}`);
    } catch (error) {
      console.line(`${name}: ${describeError(error)}`);
    }
    await sleep(LOOP_EVERY_MS, undefined, { ref: false });
  }
}

async function turnLoop(home: Home, name: string, console: PersonConsole): Promise<string | undefined> {
  const model = await loadModel(name);
  const options = { home, model, verb: 'up', onProgress: console.progress.bind(console) };
  const turn = await withContext(options, (context) => loop(context, { now: new Date() }));
  return turn.etl.outcome === 'done' || turn.promote ? describeTurn(turn) : undefined;
}

async function collectRecord(home: Home): Promise<string | undefined> {
  const { files, rows } = await collect({ home });
  return files === 0 ? undefined : `${rows} predictions of the server are in the database`;
}

function describeTurn({ asOf, watch, promote }: LoopResult): string {
  return `${asOf}, ${watch.reason}${promote ? `, ${promote.champion} promoted` : ''}`;
}

/** Ends while a step may be at work: the next command sweeps its files in the making, all else is whole at any moment. */
async function endEarly(home: Home, names: readonly string[]): Promise<Answer> {
  for (const name of names) await endLeftoverTrainer(path.join(home.work, name));
  return { json: { outcome: 'stopped' }, text: 'Ended. Nothing is half-written.' };
}

function introduction(home: Home, real: readonly string[], hasStory: boolean, once: boolean): string[] {
  return [
    ...(hasStory
      ? ['The sample shop starts on its first day and lives in fast-forward, while the whole loop turns around it.']
      : []),
    ...(real.length > 0 && !once
      ? [`The loop turns every ${LOOP_EVERY_MS / 60_000} minutes for: ${real.join(', ')}`]
      : []),
    ...(real.length === 0 && !hasStory ? ['There is no model yet; make one with `npx cleaver new NAME`.'] : []),
    `All data goes to ${home.root}. ${once ? 'Ends by itself; ' : ''}Ctrl-C ends it at any time, cleanly.`,
  ];
}

function noStory(): CleaverError {
  const message = '--once tells the story of the sample shop, but models/shop or sample/shop is not there.';
  return new CleaverError('OPTION_INVALID', message, {
    hint: 'Run `npm start` without --once, or `npx cleaver loop` for one turn of the loop.',
  });
}
