import { readReport } from '../adapters/report-file.ts';
import { latestRun } from '../adapters/run-store.ts';
import type { Day } from '../core/days.ts';
import { decideRetraining, type News } from '../core/news.ts';
import type { StepContext } from './context.ts';
import type { TrainResult } from './train.ts';

export type WatchResult = News & { asOf: Day };

/**
 * Is there news to learn from? New complete days in the source since the last training, or drift in the last report.
 * One batch of news is answered with one retraining: the training itself moves the mark.
 */
export async function watch(context: StepContext, asOf: Day): Promise<WatchResult> {
  const { home, model } = context;
  const trained = await latestRun<TrainResult>(home, model.name, 'train');
  const report = await readReport(home, model.name);
  const drift = report?.marks.findLast((mark) => mark.kind === 'drift' && mark.version === report.champion);
  const decision = decideRetraining({
    asOf,
    lastTrainedAsOf: trained?.asOf,
    everyDays: model.manifest.retrain.everyDays,
    drift: drift && { since: drift.day },
  });
  return { ...decision, asOf };
}
