import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { homeAt, type Home } from '../adapters/home.ts';
import { ensurePython } from '../adapters/python-environment.ts';
import { DEFAULT_TRAINER_LOCK } from '../adapters/trainer.ts';
import { endLeftoverTrainer } from '../adapters/trainer-process.ts';
import { loadModel, modelNames, type Model } from '../config.ts';
import { CleaverError } from '../core/errors.ts';
import { withContext, type Progress } from '../steps/context.ts';
import { loop } from '../steps/loop.ts';
import { describeError, describeResult, type PersonConsole } from './console.ts';
import { watchMemory } from './memory.ts';
import type { Answer } from './program.ts';
import { untilTold, type ServeMessage } from './serve.ts';

interface UpOptions {
  once: boolean;
  retrain: boolean;
  port: number;
  seed: number;
}

/** How often real models look for news. */
const LOOP_EVERY_MS = 10 * 60_000;
/** What the sample gives; found by its path and not by an import, so that a fork can delete the sample. */
interface StoryModule {
  tellStory(options: {
    home: Home;
    model: Model;
    serviceUrl: string;
    retrain: boolean;
    seed: number;
    line: (text: string) => void;
    progress: Progress;
  }): Promise<object>;
}

const SAMPLE_MODEL = 'shop';
const SAMPLE_STORY = path.join(import.meta.dirname, '..', '..', 'sample', SAMPLE_MODEL, 'story.ts');

/** The loop for every model and the server, all on this machine; the sample shop lives in fast-forward. */
export async function up(raw: Record<string, unknown>, console: PersonConsole): Promise<Answer> {
  const started = Date.now();
  const home = homeAt();
  const once = raw['once'] === true;
  const options: UpOptions = {
    once,
    retrain: raw['retrain'] !== false,
    port: Number(raw['port'] ?? (once ? 0 : 8080)),
    seed: Number(raw['seed'] ?? 1),
  };
  const names = await modelNames();
  const hasStory = names.includes(SAMPLE_MODEL) && existsSync(SAMPLE_STORY);
  introduce(console, home, names, hasStory, options);
  const memory = watchMemory();
  await ensurePython(DEFAULT_TRAINER_LOCK, (text) => {
    console.line(text);
  });
  const server = await startServer(home, options.port);
  console.line(`Serving at ${server.url}; the manager's page: ${server.url}/admin`);
  const stopped = untilTold();
  try {
    const work = run(home, names, hasStory, options, server.url, console);
    const result = await Promise.race([work, stopped.then(() => undefined), server.died]);
    if (result === undefined) return await endEarly(home, names);
    const figures = { ...result, seconds: (Date.now() - started) / 1000, peakMemoryMb: await memory.stop() };
    if (!options.once) {
      console.line(
        `${describeResult(figures)}\nThe story is told. ${server.url}/admin shows it; Ctrl-C ends the server.`,
      );
      await Promise.race([stopped, server.died]);
    }
    return { json: { outcome: 'done', ...figures }, text: options.once ? describeResult(figures) : 'Ended.' };
  } finally {
    await server.stop();
  }
}

type Figures = Record<string, unknown>;

async function run(
  home: Home,
  names: readonly string[],
  hasStory: boolean,
  options: UpOptions,
  serviceUrl: string,
  console: PersonConsole,
): Promise<Figures> {
  const real = names.filter((name) => !hasStory || name !== SAMPLE_MODEL);
  if (options.once && !hasStory) {
    throw new CleaverError(
      'OPTION_INVALID',
      '--once tells the story of the sample shop, but models/shop or sample/shop is not there.',
      {
        hint: 'Run `npm start` without --once, or `npx cleaver loop` for one turn of the loop.',
      },
    );
  }
  const living = options.once ? [] : real.map((name) => live(home, name, console));
  const story = hasStory ? tellStory(home, options, serviceUrl, console) : undefined;
  const figures = await story;
  if (figures !== undefined) return figures;
  await Promise.all(living);
  return {};
}

async function tellStory(
  home: Home,
  { retrain, seed }: UpOptions,
  serviceUrl: string,
  console: PersonConsole,
): Promise<Figures> {
  const module = (await import(pathToFileURL(SAMPLE_STORY).href)) as StoryModule;
  const model = await loadModel(SAMPLE_MODEL);
  const line = (text: string) => {
    console.line(text);
  };
  return {
    ...(await module.tellStory({
      home,
      model,
      serviceUrl,
      retrain,
      seed,
      line,
      progress: console.progress.bind(console),
    })),
  };
}

/** A real model's loop, by the real clock; an error is said and the next turn tries again. */
async function live(home: Home, name: string, console: PersonConsole): Promise<never> {
  for (;;) {
    try {
      const model = await loadModel(name);
      const turn = await withContext(
        { home, model, verb: 'up', onProgress: console.progress.bind(console) },
        (context) => loop(context, { now: new Date() }),
      );
      if (turn.etl.outcome === 'done' || turn.promote)
        console.line(
          `${name}: ${turn.asOf}, ${turn.watch.reason}${turn.promote ? `, ${turn.promote.champion} promoted` : ''}`,
        );
    } catch (error) {
      console.line(`${name}: ${describeError(error)}`);
    }
    await sleep(LOOP_EVERY_MS, undefined, { ref: false });
  }
}

/** The server is a process of its own, so that training never delays an answer. */
async function startServer(home: Home, port: number) {
  const child = fork(path.join(import.meta.dirname, '..', 'cli.ts'), ['serve', '--port', String(port), '--json'], {
    env: { ...process.env, CLEAVER_HOME: home.root },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C reaches the whole group of the terminal; the server ends when we say so.
    detached: true,
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', () => undefined);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const died = ended.then((): never => {
    throw serverError(output);
  });
  died.catch(() => undefined);
  const listening = new Promise<string>((resolve) =>
    child.once('message', (message) => {
      resolve((message as ServeMessage).listening);
    }),
  );
  return {
    url: await Promise.race([listening, died]),
    died,
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function serverError(output: string): unknown {
  const { code, message, hint } = JSON.parse(output || '{}') as { code?: string; message?: string; hint?: string };
  if (code === 'PORT_IN_USE') return new CleaverError(code, message ?? '', { hint: hint ?? '' });
  return new Error(`The server has ended: ${message ?? output}`);
}

/** Ends while a step may be at work: its files in the making are removed, all else is whole at any moment. */
async function endEarly(home: Home, names: readonly string[]): Promise<Answer> {
  for (const name of names) {
    await endLeftoverTrainer(path.join(home.work, name));
    // The step may still be writing there; what it leaves is swept by the next command.
    await rm(path.join(home.work, name), { recursive: true, force: true }).catch(() => undefined);
  }
  return { json: { outcome: 'stopped' }, text: 'Ended. Nothing is half-written; `npm start` begins anew.' };
}

function introduce(
  console: PersonConsole,
  home: Home,
  names: readonly string[],
  hasStory: boolean,
  options: UpOptions,
): void {
  const models = names.filter((name) => !hasStory || name !== SAMPLE_MODEL);
  if (hasStory)
    console.line(
      'The sample shop starts on its first day and lives in fast-forward, while the whole loop turns around it.',
    );
  if (models.length > 0)
    console.line(`The loop turns every ${LOOP_EVERY_MS / 60_000} minutes for: ${models.join(', ')}`);
  console.line(
    `All data goes to ${home.root}. ${options.once ? 'Ends by itself; ' : ''}Ctrl-C ends it at any time, cleanly.`,
  );
}
