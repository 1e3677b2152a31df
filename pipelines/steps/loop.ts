import { latestRun } from '../adapters/run-store.ts';
import type { Day } from '../core/days.ts';
import { messageOf } from '../core/errors.ts';
import type { ReportMark } from '../core/report.ts';
import type { StepContext } from './context.ts';
import { deliver, type DeliverResult } from './deliver.ts';
import { etl, type EtlResult } from './etl.ts';
import { evaluate, type EvaluateResult } from './evaluate.ts';
import { promote, type PromoteResult } from './promote.ts';
import { report } from './report.ts';
import { train, type TrainResult } from './train.ts';
import { watch, type WatchResult } from './watch.ts';

export interface LoopOptions {
  asOf?: Day | undefined;
  now: Date;
  /** `auto` asks {@link watch}; `never` keeps the first champion (to see what retraining is worth). */
  retrain?: 'auto' | 'never';
}

export interface LoopResult {
  asOf: Day;
  etl: EtlResult;
  watch: WatchResult;
  /** Drift of the champion, when it was first noticed on this day. */
  drift?: ReportMark;
  /** Present when done in this turn. */
  train?: TrainResult;
  evaluate?: EvaluateResult;
  promote?: PromoteResult;
  /** Absent while no version has passed the gate. */
  deliver?: DeliverResult;
}

/** One turn of the loop: etl → report → watch → (train → evaluate → promote) → deliver. Each step is done once. */
export async function loop(context: StepContext, options: LoopOptions): Promise<LoopResult> {
  const built = await etl(context, options);
  const { asOf } = built;
  const { marks } = await report(context, asOf);
  const news = await watch(context, asOf);
  const mayTrain = options.retrain !== 'never' || (await championOf(context)) === undefined;
  const result: LoopResult = { asOf, etl: built, watch: news };
  const drift = marks.find((mark) => mark.kind === 'drift' && mark.day === asOf);
  if (drift) result.drift = drift;
  try {
    if (news.retrain && mayTrain) result.train = (await train(context, asOf)).result;
    Object.assign(result, await judgeNewest(context));
  } catch (error) {
    // Who waits for today's scores gets them from the last good model; the challenger's failure is the one to throw.
    await deliver(context).catch((also: unknown) => {
      context.onProgress(`the champion's scores were not delivered either: ${messageOf(also)}`);
    });
    throw error;
  }
  if ((await championOf(context)) === undefined) return result;
  result.deliver = (await deliver(context)).result;
  // The judgement and a new champion belong into the report; deliveries of today have no outcome yet.
  if (result.evaluate ?? result.promote) await report(context, asOf);
  return result;
}

/**
 * Judges and promotes what was trained last, also where a former turn was killed in between. Done once: a champion that
 * somebody has set back since is left alone.
 */
async function judgeNewest(context: StepContext): Promise<Pick<LoopResult, 'evaluate' | 'promote'>> {
  const { home, model } = context;
  const trained = await latestRun<TrainResult>(home, model.name, 'train');
  if (trained === undefined) return {};
  const newest = await latestRun<EvaluateResult>(home, model.name, 'evaluate');
  const isJudged = newest?.result.challengerVersion === trained.result.version;
  const judged = isJudged ? newest.result : (await evaluate(context)).result;
  const promoted = judged.decision === 'promoted' ? await promote(context) : undefined;
  return { ...(!isJudged && { evaluate: judged }), ...(promoted?.outcome === 'done' && { promote: promoted }) };
}

async function championOf({ registry, model }: StepContext): Promise<string | undefined> {
  return await registry.alias(model.name, 'champion');
}
