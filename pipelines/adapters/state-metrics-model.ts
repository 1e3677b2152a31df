import path from 'node:path';
import { dayNumber, type Day } from '../core/days.ts';
import { findDrift } from '../core/drift.ts';
import type { Judgement } from '../core/gate.ts';
import type { ModelReport } from '../core/report.ts';
import { openFileRegistry } from './file-registry.ts';
import type { Home } from './home.ts';
import { daysIn } from './mart-files.ts';
import { readReport } from './report-file.ts';
import { listRuns } from './run-store.ts';
import { namesIn } from './state-metrics-files.ts';
import { sample, type Sample } from './state-metrics-names.ts';
import { stepSamples } from './state-metrics-steps.ts';

type Judged = Judgement & { challengerVersion: string };

const DECISIONS = ['promoted', 'refused', 'insufficient-data'] as const;

/** What the state folder says of one model; the model's own folder is not needed for it. */
export async function modelSamples(home: Home, model: string): Promise<Sample[]> {
  const champion = await openFileRegistry(home.registry, home.work).alias(model, 'champion');
  const judged = (await listRuns<Judged>(home, model, 'evaluate')).map((run) => run.result);
  const report = await readReport(home, model);
  return [
    ...(await stepSamples(home, model, champion !== undefined)),
    ...sample('cleaver_mart_newest_day_timestamp_seconds', endOf(await newestMartDay(home, model)), { model }),
    ...(champion === undefined ? [] : await championSamples(home, model, champion)),
    ...gateSamples(model, judged),
    ...(report === undefined ? [] : reportSamples(report)),
    ...(report === undefined ? [] : driftSamples(report, champion, judged)),
  ];
}

/** Of whichever mart is newest: after a change of the queries a new one is built beside the old one. */
async function newestMartDay(home: Home, model: string): Promise<Day | undefined> {
  const folder = path.join(home.mart, model);
  const marts = (await namesIn(folder)).filter((name) => name.startsWith('features-'));
  const days = await Promise.all(marts.map((name) => daysIn(path.join(folder, name), 'part.parquet')));
  return days.flat().sort().at(-1);
}

/** The first second after a day. */
function endOf(day: Day | undefined): number | undefined {
  return day === undefined ? undefined : (dayNumber(day) + 1) * 86_400;
}

async function championSamples(home: Home, model: string, version: string): Promise<Sample[]> {
  const { asOf } = await openFileRegistry(home.registry, home.work).version(model, version);
  const promotions = (await listRuns<{ champion: string }>(home, model, 'promote'))
    .filter((run) => run.result.champion === version)
    .map((run) => Date.parse(run.startedAt) + run.durationMs);
  const promoted = promotions.length === 0 ? undefined : Math.max(...promotions) / 1000;
  return [
    ...sample('cleaver_champion_as_of_timestamp_seconds', endOf(asOf), { model, version }),
    ...sample('cleaver_champion_promoted_timestamp_seconds', promoted, { model, version }),
  ];
}

function gateSamples(model: string, judged: readonly Judged[]): Sample[] {
  // Too little data says nothing of a challenger.
  const clear = judged.filter(({ decision }) => decision !== 'insufficient-data');
  const refused = clear.length - 1 - clear.findLastIndex(({ decision }) => decision === 'promoted');
  const compared = judged.findLast(({ difference }) => difference !== undefined);
  return [
    ...DECISIONS.flatMap((outcome) => {
      const count = judged.filter(({ decision }) => decision === outcome).length;
      return sample('cleaver_gate_decisions', count, { model, outcome });
    }),
    ...sample('cleaver_gate_refusals_in_a_row', refused, { model }),
    ...sample('cleaver_gate_auc_difference', compared?.difference?.value, { model }),
  ];
}

function reportSamples({ model, days, experiment }: ModelReport): Sample[] {
  const newest = days.at(-1);
  const bounds = experiment && { estimate: experiment.difference, low: experiment.low, high: experiment.high };
  return [
    ...sample('cleaver_prediction_mean', newest?.predicted, { model }),
    ...sample('cleaver_outcome_mean', newest?.actual, { model }),
    ...sample('cleaver_prediction_auc', newest?.auc, { model }),
    ...(['treated', 'holdout'] as const).flatMap((arm) => [
      ...sample('cleaver_experiment_entities', experiment?.[arm].entities, { model, arm }),
      ...sample('cleaver_experiment_value_per_entity', experiment?.[arm].mean, { model, arm }),
    ]),
    ...Object.entries(bounds ?? {}).flatMap(([bound, value]) =>
      sample('cleaver_experiment_difference', value, { model, bound }),
    ),
  ];
}

/** As the step report finds drift; nothing to say of a champion that the gate has not passed. */
function driftSamples(
  { model, days, maturityDays }: ModelReport,
  version: string | undefined,
  judged: readonly Judged[],
): Sample[] {
  const promotion = judged.findLast((one) => one.challengerVersion === version && one.decision === 'promoted');
  const auc = promotion?.challenger.auc;
  if (version === undefined || auc === undefined) return [];
  const drift = findDrift({ days, version, reference: { auc }, maturityDays });
  return [
    ...sample('cleaver_drift_drifted', Number(drift.drifted), { model }),
    ...sample('cleaver_drift_auc', drift.auc, { model }),
    ...sample('cleaver_drift_reference_auc', auc, { model }),
  ];
}
