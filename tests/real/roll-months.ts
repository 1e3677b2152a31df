import { existsSync } from 'node:fs';
import path from 'node:path';
import { readFeatureRows } from '../../pipelines/adapters/feature-rows.ts';
import type { Home } from '../../pipelines/adapters/home.ts';
import { openOutcomes } from '../../pipelines/adapters/outcomes.ts';
import { openStage } from '../../pipelines/adapters/stage.ts';
import { loadModel, type Model } from '../../pipelines/config.ts';
import { addDays, type Day } from '../../pipelines/core/days.ts';
import { auc } from '../../pipelines/core/metrics.ts';
import { withContext } from '../../pipelines/steps/context.ts';
import { etl } from '../../pipelines/steps/etl.ts';
import { loop } from '../../pipelines/steps/loop.ts';

/** One month of real purchases: predictions delivered on its last day, held against the 30 days after it. */
export interface MonthFigures {
  month: string;
  rows: number;
  auc: number;
  /** AUC of the rules that need no model: −recency, frequency, frequency ÷ (1 + recency in days). */
  recencyAuc: number;
  frequencyAuc: number;
  recencyFrequencyAuc: number;
}

/** Month ends on which a model can have been trained, and whose next 30 days the file still holds. */
const FIRST_MONTH_END: Day = '2021-06-30';
const LAST_MONTH_END: Day = '2022-05-31';
const LAST_DAY: Day = '2022-06-30';

/** The folder of the real purchases: CLEAVER_CDNOW, else the one beside the repository; undefined when it is not there. */
export function cdnowFolder(): string | undefined {
  const folder = process.env['CLEAVER_CDNOW'] ?? path.resolve(import.meta.dirname, '../../../shared/data/cdnow');
  return existsSync(path.join(folder, 'CDNOW_master.txt')) ? folder : undefined;
}

/** Rolls the loop over the months, then judges each month's delivery by what came true. */
export async function rollMonths(home: Home, onMonth: (month: string) => void): Promise<MonthFigures[]> {
  process.env['CLEAVER_CDNOW'] = cdnowFolder();
  const model = await loadModel('cdnow', import.meta.dirname);
  const context = { home, model, verb: 'loop', onProgress: () => undefined };
  const ends = monthEnds();
  for (const asOf of ends) {
    const turn = await withContext(context, (live) => loop(live, { asOf, now: new Date() }));
    const { evaluate } = turn;
    onMonth(
      `${asOf}: ${turn.deliver?.version ?? 'no champion yet'}${evaluate ? `, ${evaluate.challengerVersion} ${evaluate.decision}` : ''}`,
    );
  }
  await withContext(context, (live) => etl(live, { asOf: LAST_DAY, now: new Date() }));
  return await Promise.all(ends.map((day) => judgeMonth(home, model, day)));
}

function monthEnds(): Day[] {
  const ends: Day[] = [];
  for (let end = FIRST_MONTH_END; end <= LAST_MONTH_END; end = endOfMonth(addDays(end, 1))) ends.push(end);
  return ends;
}

function endOfMonth(day: Day): Day {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

async function judgeMonth(home: Home, model: Model, day: Day): Promise<MonthFigures> {
  const reader = await openStage(':memory:', { scratch: path.join(home.work, 'judge', day) });
  try {
    const { entities, labels, scores } = await openOutcomes(home, model, reader).read(day);
    const features = await readFeatureRows(reader, home, model, day);
    const aucOf = (rule: (row: { recency: number; frequency: number }) => number) =>
      auc(
        labels,
        Float64Array.from(entities, (entity) => rule(features.get(entity) as { recency: number; frequency: number })),
      ) ?? Number.NaN;
    return {
      month: day.slice(0, 'YYYY-MM'.length),
      rows: labels.length,
      auc: auc(labels, scores) ?? Number.NaN,
      recencyAuc: aucOf(({ recency }) => -recency),
      frequencyAuc: aucOf(({ frequency }) => frequency),
      recencyFrequencyAuc: aucOf(({ recency, frequency }) => frequency / (1 + recency)),
    };
  } finally {
    await reader.close();
  }
}
