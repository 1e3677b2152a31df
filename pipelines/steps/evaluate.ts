import { latestRun, listRuns, runOnce } from '../adapters/run-store.ts';
import { loadScorer } from '../adapters/scorer.ts';
import type { ModelVersion } from '../adapters/registry.ts';
import type { Day } from '../core/days.ts';
import { CleaverError } from '../core/errors.ts';
import { missingFeatures } from '../core/features.ts';
import { judge, type Judgement } from '../core/gate.ts';
import type { RunRecord } from '../core/run-record.ts';
import type { StepContext } from './context.ts';
import type { TrainResult } from './train.ts';

export interface EvaluateResult extends Judgement {
  challengerVersion: string;
  championVersion?: string | undefined;
  /** The as-of days on which both were judged, `[from, to)`. */
  holdout: { from: Day; to: Day };
}

/**
 * Judges a challenger (by default the newest) against the champion on the same newest mature rows, which neither
 * learned from. A refusal is a result, not an error; `judgement` is its run's id.
 * Error: TRAINING_DATA_MISSING when it has not been trained.
 */
export async function evaluate(
  context: StepContext,
  version?: string,
): Promise<{ result: EvaluateResult; judgement: string; fresh: boolean }> {
  const { home, mart, model, registry } = context;
  const trained = await trainingOf(context, version);
  const challenger = await registry.version(model.name, trained.result.version);
  const before = await championBefore(context, challenger.version);
  const former = before === undefined ? undefined : await registry.version(model.name, before);
  const lost = missingFeatures(former?.features ?? {}, model.manifest.features);
  const champion = lost.length === 0 ? former : undefined;
  const { holdout } = trained.result;
  const days = (await mart.labelDays()).filter((day) => day >= holdout.from && day < holdout.to);
  const inputs = {
    mart: await mart.hashOf(days),
    challenger: challenger.sha256,
    champion: champion?.sha256 ?? 'none',
    // Two versions may be one file; each gets a judgement of its own.
    versions: `${challenger.version} against ${champion?.version ?? 'none'}`,
    gate: JSON.stringify(model.manifest.gate),
  };
  const { run, fresh } = await runOnce<EvaluateResult>(
    home,
    { step: 'evaluate', model: model.name, asOf: trained.asOf, inputs },
    async () => {
      const judgement = await compare(context, days, challenger, champion);
      if (former && lost.length > 0) judgement.reasons.push(lostFeatures(former.version, lost));
      const result = { ...judgement, challengerVersion: challenger.version, championVersion: former?.version, holdout };
      return { outcome: judgement.decision, outputs: {}, result };
    },
  );
  return { result: run.result, judgement: run.id, fresh };
}

async function trainingOf({ home, model }: StepContext, version?: string): Promise<RunRecord<TrainResult>> {
  const trained =
    version === undefined
      ? await latestRun<TrainResult>(home, model.name, 'train')
      : (await listRuns<TrainResult>(home, model.name, 'train')).findLast((run) => run.result.version === version);
  if (trained !== undefined) return trained;
  throw new CleaverError(
    'TRAINING_DATA_MISSING',
    `${version ?? 'Nothing'} of ${model.name} has ${version === undefined ? '' : 'not '}been trained yet.`,
    {
      hint: 'Run `npx cleaver train` first; `npx cleaver models` lists the versions.',
    },
  );
}

function lostFeatures(champion: string, lost: readonly string[]): string {
  return `${champion} cannot be compared with: the mart has no ${lost.join(', ')} any more, or of another type`;
}

/** The champion that a version was or is to be judged against; its own promotion does not count. */
async function championBefore({ home, model, registry }: StepContext, challenger: string): Promise<string | undefined> {
  const champion = await registry.alias(model.name, 'champion');
  if (champion !== challenger) return champion;
  const judged = await listRuns<EvaluateResult>(home, model.name, 'evaluate');
  return judged.findLast((run) => run.result.challengerVersion === challenger)?.result.championVersion;
}

async function compare(
  context: StepContext,
  days: readonly Day[],
  challenger: ModelVersion,
  champion: ModelVersion | undefined,
): Promise<Judgement> {
  const rows = await context.mart.read(days, challenger.features, true);
  const sameFeatures = JSON.stringify(champion?.features) === JSON.stringify(challenger.features);
  const ids = new Map<string, number>();
  const entities = Int32Array.from(rows.entities, (entity) => {
    const id = ids.get(entity) ?? ids.size;
    ids.set(entity, id);
    return id;
  });
  return judge({
    labels: rows.labels,
    entities,
    challenger: { sha256: challenger.sha256, scores: await scoresOf(context, challenger, rows) },
    champion: champion && {
      sha256: champion.sha256,
      scores: await scoresOf(
        context,
        champion,
        sameFeatures ? rows : await context.mart.read(days, champion.features, true),
      ),
    },
    ...context.model.manifest.gate,
    seed: 1,
  });
}

async function scoresOf(
  { registry }: StepContext,
  version: ModelVersion,
  rows: { features: Float32Array; rows: number },
): Promise<Float32Array> {
  const scorer = await loadScorer(await registry.modelFile(version), Object.keys(version.features).length);
  try {
    return await scorer.score(rows.features, rows.rows);
  } finally {
    await scorer.close();
  }
}
