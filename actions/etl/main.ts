import { z } from 'zod';
import { etl } from '../../pipelines/steps/etl.ts';
import { input } from '../inputs.ts';
import { table } from '../markdown.ts';
import { tellMissedRuns } from '../missed-schedule.ts';
import { onModel, runnerHome } from '../on-model.ts';
import { defineAction, runAction } from '../run-action.ts';

export const action = defineAction({
  inputs: z.object({ model: input.model, 'as-of': input.day, 'wait-seconds': input.waitSeconds }),
  outputs: ['outcome', 'as-of', 'feature-days', 'label-days', 'champion'],
  async run(inputs, job) {
    const now = new Date();
    await tellMissedRuns(runnerHome(), job, now);
    const { result, champion } = await onModel('etl', inputs, job, async (context) => ({
      result: await etl(context, { asOf: inputs['as-of'], now }),
      champion: await context.registry.alias(context.model.name, 'champion'),
    }));
    const { outcome, asOf, staged, featureDays, labelDays } = result;
    job.summarize(`### Mart as of ${asOf}${outcome === 'done' ? '' : ': nothing new'}\n`);
    if (outcome === 'done') {
      job.summarize(table(['table', 'rows taken in'], Object.entries(staged)));
      job.summarize(`Built: features of ${featureDays} days, labels of ${labelDays} days.\n`);
    }
    return { outcome, 'as-of': asOf, 'feature-days': featureDays, 'label-days': labelDays, champion };
  },
});

if (import.meta.main) await runAction(action);
