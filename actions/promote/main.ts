import { z } from 'zod';
import { promote } from '../../pipelines/steps/promote.ts';
import { input } from '../inputs.ts';
import { onModel } from '../on-model.ts';
import { defineAction, runAction } from '../run-action.ts';

export const action = defineAction({
  inputs: z.object({ model: input.model, judgement: input.judgement, 'wait-seconds': input.waitSeconds }),
  outputs: ['outcome', 'champion', 'former'],
  async run(inputs, job) {
    const { judgement } = inputs;
    const result = await onModel('promote', inputs, job, (context) => promote(context, { judgement }));
    const { outcome, champion, former } = result;
    const before = former === undefined ? 'the first champion' : `after ${former}`;
    const text = outcome === 'done' ? `${champion} is champion, ${before}` : `${champion} was promoted before`;
    job.summarize(`### ${text}\n\nJudgement \`${judgement}\`.\n`);
    return { outcome, champion, former };
  },
});

if (import.meta.main) await runAction(action);
