import { z } from 'zod';
import type { Figures } from '../../pipelines/core/metrics.ts';
import { evaluate, type EvaluateResult } from '../../pipelines/steps/evaluate.ts';
import { input } from '../inputs.ts';
import type { Job } from '../job.ts';
import { plain, table } from '../markdown.ts';
import { onModel } from '../on-model.ts';
import { defineAction, runAction } from '../run-action.ts';

export const action = defineAction({
  inputs: z.object({ model: input.model, version: input.version, 'wait-seconds': input.waitSeconds }),
  outputs: ['outcome', 'version', 'champion', 'judgement', 'reasons', 'gain'],
  async run(inputs, job) {
    const { result, judgement } = await onModel('evaluate', inputs, job, (context) =>
      evaluate(context, inputs.version),
    );
    const { decision, challengerVersion, championVersion, reasons, difference } = result;
    tell(job, result);
    return {
      outcome: decision,
      version: challengerVersion,
      champion: championVersion,
      judgement,
      reasons,
      gain: difference?.value,
    };
  },
});

function tell(job: Job, result: EvaluateResult): void {
  const { decision, reasons, challengerVersion, championVersion, holdout } = result;
  const title = `${challengerVersion} ${DECISIONS[decision]}`;
  if (decision !== 'promoted') job.annotate('notice', reasons.join('\n'), { title });
  const row = (role: string, figures: Figures) => [
    role,
    figures.auc,
    figures.logLoss,
    figures.brier,
    figures.calibrationError,
    figures.rows,
    figures.positives,
  ];
  job.summarize(`### Gate: ${title}\n`);
  job.summarize(
    table(
      ['', 'AUC', 'log loss', 'Brier', 'calibration error', 'rows', 'positive'],
      [
        ...(result.champion ? [row(`champion ${championVersion ?? ''}`, result.champion)] : []),
        row(`challenger ${challengerVersion}`, result.challenger),
      ],
    ),
  );
  job.summarize(reasons.map((reason) => `- ${plain(reason)}\n`).join(''));
  job.summarize(`Judged on the days from ${holdout.from} until before ${holdout.to}.\n`);
}

const DECISIONS = {
  promoted: 'passed and may become champion',
  refused: 'is refused',
  'insufficient-data': 'cannot be judged: too little data',
} as const;

if (import.meta.main) await runAction(action);
