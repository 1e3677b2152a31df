import { z } from 'zod';
import { openWorkflows } from '../../pipelines/adapters/github/workflows.ts';
import { newestDay } from '../../pipelines/steps/context.ts';
import { dispatchNews } from '../../pipelines/steps/dispatch.ts';
import { jobAccess } from '../github.ts';
import { input } from '../inputs.ts';
import { plain } from '../markdown.ts';
import { tellMissedRuns } from '../missed-schedule.ts';
import { onModel, runnerHome } from '../on-model.ts';
import { defineAction, runAction } from '../run-action.ts';

export const action = defineAction({
  inputs: z.object({ model: input.model, token: input.token, 'wait-seconds': input.waitSeconds }),
  secrets: ['token'],
  outputs: ['outcome', 'reason', 'batch', 'dispatched'],
  async run(inputs, job) {
    await tellMissedRuns(runnerHome(), job, new Date());
    // Opened before there is news: a missing token shows on the first day.
    const workflows = openWorkflows(jobAccess(inputs.token ?? ''));
    const { news, dispatched } = await onModel(
      'watch',
      inputs,
      job,
      async (context) => await dispatchNews(context, await newestDay(context), workflows),
    );
    const { retrain, reason, batch } = news;
    const started = dispatched ? 'retraining started' : 'retraining was started before';
    job.summarize(`### ${retrain ? `News: ${started}` : 'No news to train on'}\n`);
    job.summarize(`${plain(reason)}.${batch === undefined ? '' : ` Batch \`${batch}\`.`}\n`);
    return { outcome: retrain ? 'retrain' : 'nothing-to-do', reason, batch, dispatched };
  },
});

if (import.meta.main) await runAction(action);
