import path from 'node:path';
import { placeText, readTextIfThere } from '../adapters/files.ts';
import { openOutcomes, type Outcomes } from '../adapters/outcomes.ts';
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
      outcomes,
      days.map((day) => day.day),
      model.manifest.label.maturityDays,
    ),
  };
  await writeReport(home, result, context.work);
  return result;
}

/** One day's outcome is worked out once: neither its predictions nor its labels change afterwards. */
async function outcomesByDay({ home, model, work }: StepContext, outcomes: Outcomes): Promise<DayOutcome[]> {
  const found: DayOutcome[] = [];
  for (const day of await outcomes.days()) {
    const file = path.join(home.reports, model.name, `${day}.json`);
    const content = await outcomes.contentOf(day);
    const known = JSON.parse((await readTextIfThere(file)) ?? '{}') as { content?: string; outcome?: DayOutcome };
    if (known.content === content && known.outcome) {
      found.push(known.outcome);
      continue;
    }
    const { version, labels, scores } = await outcomes.read(day);
    if (labels.length === 0) continue;
    const outcome: DayOutcome = {
      day,
      version,
      rows: labels.length,
      predicted: scores.reduce((sum, score) => sum + score, 0) / scores.length,
      actual: labels.reduce((sum, label) => sum + label, 0) / labels.length,
      auc: auc(labels, scores),
      logLoss: logLoss(labels, scores),
      brier: brier(labels, scores),
    };
    await placeText(file, work, JSON.stringify({ content, outcome }));
    found.push(outcome);
  }
  return found;
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
  outcomes: Outcomes,
  days: readonly Day[],
  maturityDays: number,
): Promise<ArmComparison | undefined> {
  const apart: Day[] = [];
  for (const day of days) {
    const last = apart.at(-1);
    if (last === undefined || daysBetween(last, day) >= maturityDays) apart.push(day);
  }
  const { treated, holdout } = await outcomes.arms(apart);
  return treated && holdout ? compareArms(treated, holdout, CONFIDENCE) : undefined;
}
