import { homeAt } from '../adapters/home.ts';
import { withPipelineLog } from '../adapters/pipeline-log.ts';
import { chooseModel } from '../config.ts';
import { collect } from '../steps/collect.ts';
import { newestDay, withContext, type StepContext } from '../steps/context.ts';
import { deliver } from '../steps/deliver.ts';
import { etl } from '../steps/etl.ts';
import { evaluate } from '../steps/evaluate.ts';
import { loop } from '../steps/loop.ts';
import { promote } from '../steps/promote.ts';
import { report } from '../steps/report.ts';
import { train } from '../steps/train.ts';
import { watch } from '../steps/watch.ts';
import { describeResult, type PersonConsole } from './console.ts';
import type { Answer, Options } from './program.ts';

export type StepName = 'loop' | 'etl' | 'watch' | 'train' | 'evaluate' | 'promote' | 'deliver' | 'report';

/** The verbs that work on one model, each under its lock. */
export const steps: Record<StepName, (options: Options, console: PersonConsole) => Promise<Answer>> = {
  loop: onModel('loop', async (context, { asOf }) => ({
    outcome: 'done',
    ...(await loop(context, { asOf, now: new Date() })),
  })),
  etl: onModel('etl', (context, { asOf }) => etl(context, { asOf, now: new Date() })),
  watch: onModel('watch', async (context) => {
    const news = await watch(context, await newestDay(context));
    return { outcome: news.retrain ? 'retrain' : 'nothing-to-do', ...news };
  }),
  train: onModel('train', async (context) => {
    const { result, fresh } = await train(context, await newestDay(context));
    return { outcome: outcomeOf(fresh), ...result };
  }),
  evaluate: onModel('evaluate', async (context) => {
    const { result } = await evaluate(context);
    return { outcome: result.decision, ...result };
  }),
  promote: onModel('promote', (context, options) => promote(context, { version: options['to'] as string | undefined })),
  deliver: onModel('deliver', async (context) => {
    const { result, fresh } = await deliver(context);
    return { outcome: outcomeOf(fresh), ...result };
  }),
  report: onModel('report', async (context) => ({
    outcome: 'done',
    ...(await report(context, await newestDay(context))),
  })),
};

/** Loads what the server has recorded, of every model. */
export async function collectRecords(options: Options, console: PersonConsole): Promise<Answer> {
  const home = homeAt();
  const tell = console.progress.bind(console);
  const json = await withPipelineLog({ home, verb: 'collect', tell }, () =>
    collect({ home, waitMs: Number(options['wait']) * 1000 }),
  );
  return { json: { ...json }, text: describeResult(json) };
}

function onModel(
  verb: StepName,
  work: (context: StepContext, options: Options) => Promise<{ outcome: string }>,
): (options: Options, console: PersonConsole) => Promise<Answer> {
  return async (options, console) => {
    const model = await chooseModel(options.model);
    const waitMs = Number(options['wait']) * 1000;
    const onProgress = console.progress.bind(console);
    const json = await withContext({ home: homeAt(), model, verb, waitMs, onProgress }, (context) =>
      work(context, options),
    );
    return { json: { ...json, model: model.name }, text: describeResult(json) };
  };
}

function outcomeOf(fresh: boolean): string {
  return fresh ? 'done' : 'nothing-to-do';
}
