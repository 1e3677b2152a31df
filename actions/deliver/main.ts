import { z } from 'zod';
import { deliver } from '../../pipelines/steps/deliver.ts';
import { input } from '../inputs.ts';
import { table } from '../markdown.ts';
import { onModel } from '../on-model.ts';
import { defineAction, runAction } from '../run-action.ts';

export const action = defineAction({
  inputs: z.object({ model: input.model, 'wait-seconds': input.waitSeconds }),
  outputs: ['outcome', 'as-of', 'version', 'rows'],
  async run(inputs, job) {
    const { result, fresh } = await onModel('deliver', inputs, job, deliver);
    const { asOf, version, files, table: rows } = result;
    job.summarize(`### Delivered: scores of ${asOf}${fresh ? '' : ' (were there already)'}\n`);
    job.summarize(
      table(['as of', 'version', 'rows of each file', 'rows of the table'], [[asOf, version, files, rows]]),
    );
    return { outcome: fresh ? 'done' : 'nothing-to-do', 'as-of': asOf, version, rows };
  },
});

if (import.meta.main) await runAction(action);
