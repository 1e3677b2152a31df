import { listRuns, runOnce } from '../adapters/run-store.ts';
import { CleaverError } from '../core/errors.ts';
import type { StepContext } from './context.ts';
import type { EvaluateResult } from './evaluate.ts';

export interface PromoteResult {
  outcome: 'done' | 'nothing-to-do';
  champion: string;
  former?: string | undefined;
}

/** Which judgement is carried out: the newest where neither is given. */
export interface PromoteChoice {
  /** A version named by hand comes back, if the gate has passed it at any time. */
  version?: string | undefined;
  /** The id of a run of {@link import('./evaluate.ts').evaluate}; refused when the champion has changed since. */
  judgement?: string | undefined;
}

/**
 * Makes the challenger that the gate has passed the champion; the running services load it by themselves.
 * Error: GATE_NOT_PASSED.
 */
export async function promote(
  context: StepContext,
  { version, judgement }: PromoteChoice = {},
): Promise<PromoteResult> {
  const { home, model, registry } = context;
  const judgements = await listRuns<EvaluateResult>(home, model.name, 'evaluate');
  const judged = judgements.findLast(
    ({ id, result }) =>
      (judgement === undefined || id === judgement) &&
      (version === undefined || (result.challengerVersion === version && result.decision === 'promoted')),
  );
  if (judged?.outcome !== 'promoted') throw notPassed(model.name, version ?? judgement, judged?.result);
  const challenger = judged.result.challengerVersion;
  const former = judged.result.championVersion;
  const inputs = { judgement: judged.id, challenger };
  const { run, fresh } = await runOnce<PromoteResult>(
    home,
    { step: 'promote', model: model.name, asOf: judged.asOf, inputs },
    async () => {
      if (judgement !== undefined) await requireSameChampion(context, judged.result);
      await registry.setAlias(model.name, 'champion', challenger);
      return { outcome: 'done', outputs: {}, result: { outcome: 'done', champion: challenger, former } };
    },
    // Named by hand it is promoted again; else a champion that somebody has set back since stays set back.
    async () => version === undefined || (await registry.alias(model.name, 'champion')) === challenger,
  );
  return fresh ? run.result : { ...run.result, outcome: 'nothing-to-do' };
}

/** A judgement says nothing about a champion that it did not know. */
async function requireSameChampion({ model, registry }: StepContext, judged: EvaluateResult): Promise<void> {
  const champion = await registry.alias(model.name, 'champion');
  const { championVersion, challengerVersion } = judged;
  if (champion === championVersion || champion === challengerVersion) return;
  const message = `${challengerVersion} of ${model.name} was judged against ${championVersion ?? 'no champion'}, but the champion is ${champion ?? 'none'} by now.`;
  throw new CleaverError('GATE_NOT_PASSED', message, { hint: 'Evaluate it again, against the champion of today.' });
}

function notPassed(model: string, named: string | undefined, newest: EvaluateResult | undefined): CleaverError {
  const why =
    newest === undefined
      ? 'the gate has passed no such version'
      : `the gate has judged it ${newest.decision} (${newest.reasons.join('; ')})`;
  const name = named ?? newest?.challengerVersion ?? 'No version';
  return new CleaverError('GATE_NOT_PASSED', `${name} of ${model} cannot be promoted: ${why}.`, {
    hint: 'Train and evaluate first; `npx cleaver promote --to VERSION` brings back a version that was promoted before.',
  });
}
