import { deliveryFiles } from '../../pipelines/adapters/deliveries.ts';
import { openDuckdbMart } from '../../pipelines/adapters/duckdb-mart.ts';
import { readFeatureRows } from '../../pipelines/adapters/feature-rows.ts';
import type { Home } from '../../pipelines/adapters/home.ts';
import { openFileRegistry } from '../../pipelines/adapters/file-registry.ts';
import { loadScorer } from '../../pipelines/adapters/scorer.ts';
import type { Stage } from '../../pipelines/adapters/stage.ts';
import type { Model } from '../../pipelines/config.ts';
import { addDays, type Day } from '../../pipelines/core/days.ts';
import { auc } from '../../pipelines/core/metrics.ts';
import type { ModelReport } from '../../pipelines/core/report.ts';
import type { LoopResult } from '../../pipelines/steps/loop.ts';
import { askService } from './ask-service.ts';
import type { DeliveredScore } from './choose-offers.ts';
import type { VisitCounts } from './visit.ts';

/** The sample's figures; a contract of `npm start -- --once --json`. AUCs are means over days with mature labels. */
export interface StorySummary {
  /** The last champion on the last mature week, which it did not learn from, and what the shop's true chances reach there. */
  champion: { version: string; auc: number; bestPossibleAuc: number };
  /** Before the change; from the change on by the champion of that time; on the last mature week. */
  drift: { day: Day; noticedDay?: Day | undefined; aucBefore: number; aucAfter: number; aucRecovered: number };
  gates: { promoted: number; refused: number; insufficientData: number };
  /** Customers in the last delivery: in the files, in the table, and asked of the service one by one or in batches. */
  delivered: { files: number; table: number; service: number };
  /** Largest difference of a score between any two of the three forms. */
  parity: { maxDifference: number };
  requests: { sent: number; failed: number };
}

export interface StoryRecord {
  home: Home;
  model: Model;
  /** A database in memory, to read the Parquet files with. */
  reader: Stage;
  serviceUrl: string;
  changeDay: Day;
  turns: readonly LoopResult[];
  report: ModelReport;
  /** Rows of the predictions table at the end. */
  table: readonly DeliveredScore[];
  /** True chance of each customer (index: number − 1) to order within the horizon, by as-of day. */
  truths: ReadonlyMap<Day, Float64Array>;
  visits: VisitCounts;
}

const WEEK = 7;
const BATCH = 1_000;

/** Works the story's figures out. */
export async function summarize(record: StoryRecord): Promise<StorySummary> {
  const { report, changeDay, turns, visits } = record;
  const days = report.days.filter((day) => day.auc !== undefined);
  const lastWeek = days.slice(-WEEK);
  const championAtChange = days.findLast((day) => day.day < changeDay)?.version;
  const count = (decision: string) => turns.filter((turn) => turn.evaluate?.decision === decision).length;
  const forms = await compareForms(record);
  return {
    champion: await judgeChampion(
      record,
      lastWeek.map(({ day }) => day),
    ),
    drift: {
      day: changeDay,
      noticedDay: report.marks.find((mark) => mark.kind === 'drift' && mark.day >= changeDay)?.day,
      // A label looks a week ahead: these days' labels were decided before the change.
      aucBefore: meanAuc(days.filter(({ day }) => addDays(day, report.maturityDays) < changeDay)),
      aucAfter: meanAuc(days.filter(({ day, version }) => day >= changeDay && version === championAtChange)),
      aucRecovered: meanAuc(lastWeek),
    },
    gates: { promoted: count('promoted'), refused: count('refused'), insufficientData: count('insufficient-data') },
    delivered: { files: forms.files, table: record.table.length, service: forms.service },
    parity: { maxDifference: Math.max(forms.maxDifference, visits.maxDifference) },
    requests: { sent: visits.sent + forms.requests, failed: visits.failed },
  };
}

function meanAuc(days: readonly { auc?: number | undefined }[]): number {
  return days.reduce((sum, { auc = 0 }) => sum + auc, 0) / days.length;
}

/** Scores the champion anew on some days, beside the true chances: their AUC nobody can beat but by luck. */
async function judgeChampion({ home, model, reader, report, truths }: StoryRecord, days: readonly Day[]) {
  const registry = openFileRegistry(home.registry, home.work);
  const version = await registry.version(model.name, report.champion ?? '');
  const scorer = await loadScorer(await registry.modelFile(version), Object.keys(version.features).length);
  const mart = openDuckdbMart(home, model, reader);
  const sum = { auc: 0, bestPossibleAuc: 0 };
  for (const day of days) {
    const { rows, entities, features, labels } = await mart.read([day], version.features, true);
    const truth = truths.get(day) ?? new Float64Array();
    const chances = Float64Array.from(entities, (entity) => truth[Number(entity) - 1] ?? Number.NaN);
    sum.auc += auc(labels, await scorer.score(features, rows)) ?? Number.NaN;
    sum.bestPossibleAuc += auc(labels, chances) ?? Number.NaN;
  }
  await scorer.close();
  return { version: version.version, auc: sum.auc / days.length, bestPossibleAuc: sum.bestPossibleAuc / days.length };
}

/** Holds files, table and service against each other for every customer of the last delivery. */
async function compareForms({ home, model, reader, serviceUrl, report, table }: StoryRecord) {
  const fromFiles = await readFiles(reader, home, model.name, report.asOf);
  const fromService = new Map<string, number>();
  const rows = [...(await readFeatureRows(reader, home, model, report.asOf))];
  let requests = 0;
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const { predictions } = await askService(`${serviceUrl}/predict/${model.name}`, {
      rows: batch.map(([, row]) => row),
    });
    for (const [index, [entity]] of batch.entries()) fromService.set(entity, predictions[index]?.score ?? Number.NaN);
    requests += 1;
  }
  let maxDifference = 0;
  for (const { entityId, score } of table) {
    const { parquet = Number.NaN, csv = Number.NaN } = fromFiles.get(entityId) ?? {};
    const differences = [parquet - score, csv - score, (fromService.get(entityId) ?? Number.NaN) - score].map(Math.abs);
    maxDifference = Math.max(maxDifference, ...differences);
  }
  return { files: fromFiles.size, service: fromService.size, requests, maxDifference };
}

async function readFiles(
  reader: Stage,
  home: Home,
  model: string,
  day: Day,
): Promise<Map<string, { parquet: number; csv: number }>> {
  const files = deliveryFiles(home, model, day);
  const rows = await reader.rows<{ entity_id: string; parquet: number; csv: number }>(
    `SELECT p.entity_id::VARCHAR AS entity_id, p.score::DOUBLE AS parquet, c.score::DOUBLE AS csv
     FROM '${files.parquet}' p JOIN '${files.csv}' c ON p.entity_id = c.entity_id::VARCHAR`,
  );
  return new Map(rows.map(({ entity_id, parquet, csv }) => [entity_id, { parquet, csv }]));
}
