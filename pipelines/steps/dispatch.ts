import { runOnce } from '../adapters/run-store.ts';
import type { Batch } from '../core/news.ts';
import type { StepContext } from './context.ts';

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
