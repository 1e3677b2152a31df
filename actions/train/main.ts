import { z } from 'zod';
import { newestDay } from '../../pipelines/steps/context.ts';
import { train } from '../../pipelines/steps/train.ts';
import { input } from '../inputs.ts';
import { onModel } from '../on-model.ts';
import { defineAction, runAction } from '../run-action.ts';
import { table } from '../markdown.ts';

export const action = defineAction({
  inputs: z.object({ model: input.model, 'wait-seconds': input.waitSeconds }),
  outputs: ['outcome', 'version', 'as-of', 'rows', 'metrics'],
  async run(inputs, job) {
    const { result, fresh } = await onModel('train', inputs, job, async (context) => {
      const day = await newestDay(context);
      return await train(context, day);
    });
    const { version, asOf, window, rows, positives, metrics, parity } = result;
    job.summarize(`### Trained: ${version}${fresh ? '' : ' (was there already)'}\n`);
    job.summarize(
      table(
        ['as of', 'days', 'rows', 'positive', ...Object.keys(metrics), 'ONNX against trainer'],
        [[asOf, `${window.from} to ${window.to}`, rows, positives, ...Object.values(metrics), parity]],
      ),
    );
    return { outcome: fresh ? 'done' : 'nothing-to-do', version, 'as-of': asOf, rows, metrics };
  },
});

if (import.meta.main) await runAction(action);
