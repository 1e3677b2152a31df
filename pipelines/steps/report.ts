import path from 'node:path';
import { hashValue, placeText, readTextIfThere } from '../adapters/files.ts';
import { openOutcomes, type DayPredictions, type Outcomes } from '../adapters/outcomes.ts';
import { readReport, writeReport } from '../adapters/report-file.ts';
import { listRuns } from '../adapters/run-store.ts';
import { daysBetween, type Day } from '../core/days.ts';
import { findDrift } from '../core/drift.ts';
import { compareArms, type ArmComparison } from '../core/experiment.ts';
import { brier, auc, logLoss } from '../core/metrics.ts';
import type { DayOutcome, ModelReport, ReportMark } from '../core/report.ts';
import type { StepContext } from './context.ts';
import type { EvaluateResult } from './evaluate.ts';

const CONFIDENCE = 0.95;

/**
 * Predicted against actual: joins each day's delivered predictions with their labels once they are mature, compares
 * treated with held-out entities, and says whether the champion has drifted. Writes `reports/<model>.json`.
 */
export async function report(context: StepContext, asOf: Day): Promise<ModelReport> {
  const { home, model, registry } = context;
  const former = await readReport(home, model.name);
  const champion = await registry.alias(model.name, 'champion');
  const outcomes = openOutcomes(home, model, context.reader);
  const days = await outcomesByDay(context, outcomes);
  const judged = await listRuns<EvaluateResult>(home, model.name, 'evaluate');
  const drift = driftMark(
    model.manifest.label.maturityDays,
    days,
    champion,
    judged.map((run) => run.result),
  );
  const drifts = (former?.marks ?? []).filter((mark) => mark.kind === 'drift');
  if (drift && !drifts.some((mark) => mark.version === drift.version)) drifts.push(drift);
  const gates = judged.map((run) => gateMark(run.asOf, run.result));
  const result: ModelReport = {
    model: model.name,
    title: model.manifest.title,
    asOf,
    champion,
    maturityDays: model.manifest.label.maturityDays,
    valueUnit: model.manifest.label.valueUnit,
    days,
    marks: [...gates, ...drifts].sort((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day))),
    experiment: await compareExperiment(
      context,
      outcomes,
      days.map(({ day }) => day),
    ),
  };
  await writeReport(home, result, context.work);
  return result;
}

async function outcomesByDay({ home, model, work }: StepContext, outcomes: Outcomes): Promise<DayOutcome[]> {
  const found: DayOutcome[] = [];
  for (const day of await outcomes.days()) {
    const file = path.join(home.reports, model.name, `${day}.json`);
    const { outcome } = await once(file, work, await outcomes.contentOf(day), async () => ({
      outcome: outcomeOf(day, await outcomes.read(day)),
    }));
    if (outcome.rows > 0) found.push(outcome);
  }
  return found;
}

function outcomeOf(day: Day, { version, labels, scores }: DayPredictions): DayOutcome {
  return {
    day,
    version,
    rows: labels.length,
    predicted: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    actual: labels.reduce((sum, label) => sum + label, 0) / labels.length,
    auc: auc(labels, scores),
    logLoss: logLoss(labels, scores),
    brier: brier(labels, scores),
  };
}

/** Drift of the champion against its own figures at promotion. */
function driftMark(
  maturityDays: number,
  days: DayOutcome[],
  champion: string | undefined,
  judged: EvaluateResult[],
): ReportMark | undefined {
  const promotion = judged.findLast(
    (judgement) => judgement.challengerVersion === champion && judgement.decision === 'promoted',
  );
  const auc = promotion?.challenger.auc;
  if (champion === undefined || auc === undefined) return undefined;
  const drift = findDrift({ days, version: champion, reference: { auc }, maturityDays });
  return drift.since === undefined
    ? undefined
    : { day: drift.since, kind: 'drift', version: champion, text: drift.reason };
}

function gateMark(day: Day, result: EvaluateResult): ReportMark {
  return {
    day,
    kind: result.decision,
    version: result.challengerVersion,
    text: `${result.challengerVersion} ${result.decision}: ${result.reasons.join('; ')}`,
  };
}

/**
 * Value per entity over days whose label horizons do not overlap, so that no order counts twice; the entity is what
 * was assigned to an arm, so it is what is compared.
 */
async function compareExperiment(
  { home, model, work }: StepContext,
  outcomes: Outcomes,
  days: readonly Day[],
): Promise<ArmComparison | undefined> {
  const apart: Day[] = [];
  for (const day of days) {
    const last = apart.at(-1);
    if (last === undefined || daysBetween(last, day) >= model.manifest.label.maturityDays) apart.push(day);
  }
  const content = hashValue(await Promise.all(apart.map((day) => outcomes.contentOf(day))));
  const { arms } = await once(path.join(home.reports, model.name, 'arms.json'), work, content, async () => ({
    arms: await outcomes.arms(apart),
  }));
  return arms.treated && arms.holdout ? compareArms(arms.treated, arms.holdout, CONFIDENCE) : undefined;
}

/** What was worked out from the same content before, or works it out and keeps it. */
async function once<T extends object>(
  file: string,
  work: string,
  content: string,
  workOut: () => Promise<T>,
): Promise<T> {
  const known = JSON.parse((await readTextIfThere(file)) ?? '{}') as { content?: string; found?: T };
  if (known.content === content && known.found) return known.found;
  const found = await workOut();
  await placeText(file, work, JSON.stringify({ content, found }));
  return found;
}
