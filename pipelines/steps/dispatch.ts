import type { Workflows } from '../adapters/github/workflows.ts';
import { runOnce } from '../adapters/run-store.ts';
import type { Day } from '../core/days.ts';
import type { Batch } from '../core/news.ts';
import type { StepContext } from './context.ts';
import { watch, type WatchResult } from './watch.ts';

export const RETRAIN_WORKFLOW = 'retrain.yml';

/** Starts the workflow that retrains a model, and knows for which batches it was started. */
export interface Dispatcher {
  wasSent(model: string, batch: string): Promise<boolean>;
  send(model: string, batch: string): Promise<void>;
}

export interface DispatchResult {
  batch: string;
  /** False where a former run had sent it and could not record that. */
  sent: boolean;
}

/** Looks for news of a model, and starts {@link RETRAIN_WORKFLOW} where there is some, once for each batch. */
export async function dispatchNews(
  context: StepContext,
  asOf: Day,
  workflows: Workflows,
): Promise<{ news: WatchResult; dispatched: boolean }> {
  const news = await watch(context, asOf);
  if (!news.retrain) return { news, dispatched: false };
  return { news, ...(await dispatchRetraining(context, news, workflowDispatcher(workflows, news.newsDay))) };
}

/**
 * Starts the retraining for a batch of news once, whatever comes in between: the batch that was sent is recorded, and where
 * that did not come about (a lost answer, a killed runner) the dispatcher knows. Errors: the dispatcher's; a batch that
 * could not be sent is tried again by the next run.
 */
export async function dispatchRetraining(
  { home, model }: StepContext,
  { batch, newsDay }: Batch,
  dispatcher: Dispatcher,
): Promise<{ dispatched: boolean }> {
  const { run, fresh } = await runOnce<DispatchResult>(
    home,
    { step: 'dispatch', model: model.name, asOf: newsDay, inputs: { batch } },
    async () => {
      const sent = !(await dispatcher.wasSent(model.name, batch));
      if (sent) await dispatcher.send(model.name, batch);
      return { outcome: 'done', outputs: {}, result: { batch, sent } };
    },
  );
  return { dispatched: fresh && run.result.sent };
}

/**
 * Finds the runs of retrain.yml by the name that its `run-name` gives them: `retrain <model> <batch>`. No batch was sent
 * before its own day.
 */
function workflowDispatcher(workflows: Workflows, newsDay: Day): Dispatcher {
  return {
    wasSent: async (model, batch) =>
      (await workflows.runTitles(RETRAIN_WORKFLOW, newsDay)).includes(`retrain ${model} ${batch}`),
    send: (model, batch) => workflows.dispatch('retrain', { model, batch }),
  };
}
