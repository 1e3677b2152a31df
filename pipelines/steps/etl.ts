import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { hashValue, onDisk } from '../adapters/files.ts';
import { urlIn } from '../adapters/home.ts';
import { martFiles } from '../adapters/mart-files.ts';
import { openSource } from '../adapters/open-source.ts';
import { recordRun } from '../adapters/run-store.ts';
import type { Source } from '../adapters/source.ts';
import type { Model } from '../config.ts';
import { addDays, dayNumber, dayOf, daysFrom, type Day } from '../core/days.ts';
import { CleaverError } from '../core/errors.ts';
import type { StepContext } from './context.ts';

export interface EtlResult {
  outcome: 'done' | 'nothing-to-do';
  /** The newest complete day. */
  asOf: Day;
  /** Source rows taken in, for each table. */
  staged: Record<string, number>;
  /** As-of days built in this run. */
  featureDays: number;
  labelDays: number;
}

/**
 * Source → mart: takes in the rows of all days up to `asOf` (by default yesterday, or the source's last day where that
 * is earlier) and builds what is missing: features of each as-of day, labels of those days that are mature by now.
 */
export async function etl(context: StepContext, options: { asOf?: Day | undefined; now: Date }): Promise<EtlResult> {
  const { mart, model } = context;
  refuseUnfinishedDay(options.asOf, options.now);
  const source = await openSource(urlIn(context.home, model.manifest.source.url), { relativeTo: model.folder });
  try {
    const known = await mart.staged();
    // Asked for by the first run, and by any that has to find the newest day: a table that has lost its rows is a
    // fault there, and no day without news.
    const spans = known && options.asOf ? undefined : await spansOf(source, model);
    if (spans) refuseEmptyTables(model, spans);
    const asOf = options.asOf ?? newestCompleteDay(spans ?? [], options.now);
    const staged = await mart.stage(source, asOf);
    const span = (await mart.staged()) ?? { first: asOf, through: asOf };
    const missing = await missingDays(context, span);
    const nothing = missing.features.length + missing.labels.length === 0 && Object.keys(staged).length === 0;
    if (nothing) return { outcome: 'nothing-to-do', asOf: span.through, staged, featureDays: 0, labelDays: 0 };
    const inputs = {
      from: known?.through ?? 'the start',
      staged: hashValue(staged),
      queries: hashValue(martFiles(context.home, model).current),
    };
    const run = await recordRun(
      context.home,
      { step: 'etl', model: model.name, asOf: span.through, inputs },
      async () => {
        await build(context, missing);
        await removeFormerMarts(context);
        const result: EtlResult = {
          outcome: 'done',
          asOf: span.through,
          staged,
          featureDays: missing.features.length,
          labelDays: missing.labels.length,
        };
        return { outcome: 'done', outputs: {}, result };
      },
    );
    return run.result;
  } finally {
    await source.close();
  }
}

/** Rows that arrive later for a day that was taken in as complete would never be read. */
function refuseUnfinishedDay(asOf: Day | undefined, now: Date): void {
  const today = dayOf(now);
  if (asOf === undefined || asOf < today) return;
  throw new CleaverError('OPTION_INVALID', `The day ${asOf} is not over: today is ${today} (UTC).`, {
    hint: 'Name a day before today with --as-of, or leave the option out.',
  });
}

type Spans = ({ first: Day; last: Day } | undefined)[];

/** For each table of the manifest its first and last day. */
async function spansOf(source: Source, model: Model): Promise<Spans> {
  return await Promise.all(tablesOf(model).map((table) => source.span(table)));
}

/** Yesterday, or the last day on which the source has a row where that is earlier. */
function newestCompleteDay(spans: Spans, now: Date): Day {
  const last =
    spans
      .map((span) => span?.last ?? '')
      .sort()
      .at(-1) ?? '';
  const yesterday = addDays(dayOf(now), -1);
  return last !== '' && last < yesterday ? last : yesterday;
}

function refuseEmptyTables(model: Model, spans: Spans): void {
  for (const [index, table] of tablesOf(model).entries()) {
    if (table.mayBeEmpty || spans[index] !== undefined) continue;
    throw new CleaverError(
      'SOURCE_TABLE_EMPTY',
      `The table ${table.name} of the source has no row with a ${table.time}.`,
      {
        hint: `Fill it, or say mayBeEmpty: true in models/${model.name}/model.ts.`,
      },
    );
  }
}

async function missingDays(
  { mart, model }: StepContext,
  span: { first: Day; through: Day },
): Promise<{ features: Day[]; labels: Day[] }> {
  const { everyDays, warmupDays } = model.manifest.mart;
  const onGrid = (day: Day) => dayNumber(day) % everyDays === 0 || day === span.through;
  const [haveFeatures, haveLabels] = [new Set(await mart.featureDays()), new Set(await mart.labelDays())];
  const features = daysFrom(addDays(span.first, warmupDays), addDays(span.through, 1)).filter(
    (day) => onGrid(day) && !haveFeatures.has(day),
  );
  const newestMature = addDays(span.through, -model.manifest.label.maturityDays);
  const labels = [...haveFeatures, ...features].filter((day) => day <= newestMature && !haveLabels.has(day)).sort();
  return { features, labels };
}

async function build({ mart, onProgress }: StepContext, missing: { features: Day[]; labels: Day[] }): Promise<void> {
  for (const [index, day] of missing.features.entries()) {
    const rows = await mart.buildFeatures(day);
    onProgress(`mart of ${day}: ${rows} rows`, { done: index + 1, total: missing.features.length });
  }
  for (const [index, day] of missing.labels.entries()) {
    await mart.buildLabels(day);
    onProgress(`labels of ${day}`, { done: index + 1, total: missing.labels.length });
  }
}

/** Removes what former versions of the queries built; the new mart is complete by now. */
async function removeFormerMarts({ home, model }: StepContext): Promise<void> {
  const { folder, current } = martFiles(home, model);
  await onDisk(folder, async () => {
    const former = (await readdir(folder)).filter((name) => !current.some((kept) => name.startsWith(kept)));
    await Promise.all(former.map((name) => rm(path.join(folder, name), { recursive: true })));
  });
}

function tablesOf(model: Model) {
  return Object.entries(model.manifest.source.tables).map(([name, table]) => ({ name, ...table }));
}
