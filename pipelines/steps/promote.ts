import { latestRun, runOnce } from '../adapters/run-store.ts';
import { CleaverError } from '../core/errors.ts';
import type { StepContext } from './context.ts';
import type { EvaluateResult } from './evaluate.ts';

export interface PromoteResult {
  outcome: 'done' | 'nothing-to-do';
  champion: string;
  former?: string | undefined;
}

/**
 * Makes the challenger that the gate has passed the champion; the running services load it by themselves.
 * Error: GATE_NOT_PASSED when the newest judgement is another one, or of another version than `version`.
 */
export async function promote(context: StepContext, version?: string): Promise<PromoteResult> {
  const { home, model, registry } = context;
  const judged = await latestRun<EvaluateResult>(home, model.name, 'evaluate');
  const challenger = version ?? judged?.result.challengerVersion;
  if (
    judged === undefined ||
    challenger === undefined ||
    judged.result.challengerVersion !== challenger ||
    judged.outcome !== 'promoted'
  ) {
    throw notPassed(model.name, challenger, judged?.result);
  }
  const former = judged.result.championVersion;
  const inputs = { judgement: judged.id, challenger };
  const { run, fresh } = await runOnce<PromoteResult>(
    home,
    { step: 'promote', model: model.name, asOf: judged.asOf, inputs },
    async () => {
      await registry.setAlias(model.name, 'champion', challenger);
      return { outcome: 'done', outputs: {}, result: { outcome: 'done', champion: challenger, former } };
    },
    // Named by hand it is promoted again; else a champion that somebody has set back since stays set back.
    async () => version === undefined || (await registry.alias(model.name, 'champion')) === challenger,
  );
  return fresh ? run.result : { ...run.result, outcome: 'nothing-to-do' };
}

function notPassed(model: string, challenger: string | undefined, judged: EvaluateResult | undefined): CleaverError {
  const why =
    judged === undefined
      ? 'nothing has been judged yet'
      : `the newest judgement is of ${judged.challengerVersion}: ${judged.decision} (${judged.reasons.join('; ')})`;
  return new CleaverError('GATE_NOT_PASSED', `${challenger ?? 'No version'} of ${model} cannot be promoted: ${why}.`, {
    hint: 'Train and evaluate a version; a former champion comes back by training on its window again.',
  });
}
