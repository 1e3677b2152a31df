import { rm } from 'node:fs/promises';
import path from 'node:path';
import { readFeatureRows } from '../../pipelines/adapters/feature-rows.ts';
import { openDatabase } from '../../pipelines/adapters/open-database.ts';
import { readReport } from '../../pipelines/adapters/report-file.ts';
import { urlIn, type Home } from '../../pipelines/adapters/home.ts';
import { openStage, type Stage } from '../../pipelines/adapters/stage.ts';
import type { Model } from '../../pipelines/config.ts';
import { addDays, type Day } from '../../pipelines/core/days.ts';
import type { Arm } from '../../pipelines/core/experiment.ts';
import type { ModelReport } from '../../pipelines/core/report.ts';
import type { StoryOptions } from '../../pipelines/cli/sample-story.ts';
import { withContext } from '../../pipelines/steps/context.ts';
import { loop, type LoopResult } from '../../pipelines/steps/loop.ts';
import { chooseOffers, type DeliveredScore } from './choose-offers.ts';
import { openVisitors } from './open-visitors.ts';
import { createShop } from './shop.ts';
import { openShopStore } from './store.ts';
import { summarize, type StorySummary } from './story-summary.ts';
import { describeTurn } from './story-text.ts';
import type { VisitorsToday } from './visit.ts';
import { writeHistory } from './write-history.ts';

export const CUSTOMERS = 20_000;
export const FIRST_DAY: Day = '2025-01-01';
export const HISTORY_DAYS = 120;
/** The day on which tastes change, counted from the first; the loop must find out by itself. */
export const CHANGE_AFTER_DAYS = 130;
export const STORY_DAYS = 172;
const VISITORS_A_DAY = 40;

/**
 * The sample shop lives in fast-forward: 120 days of history, then day by day with the whole loop turning, offers by
 * the model's scores, a change of tastes, and visitors asking the service all the while.
 */
export async function tellStory(options: StoryOptions): Promise<StorySummary> {
  const { home, model, line, progress, seed } = options;
  const shopFile = path.join(home.root, 'shop', 'shop.db');
  await startAfresh(home, model, shopFile);
  const changeDay = addDays(FIRST_DAY, CHANGE_AFTER_DAYS);
  const shop = createShop({ seed, customers: CUSTOMERS, firstDay: FIRST_DAY, changeDay });
  writeHistory({
    file: shopFile,
    shop,
    days: HISTORY_DAYS,
    onDay: (day, done) => {
      progress(`the shop lives ${day}`, { done, total: HISTORY_DAYS });
    },
  });
  line(
    `${HISTORY_DAYS} days of shop history written: ${CUSTOMERS} customers, from ${FIRST_DAY} to ${shop.today ?? ''}`,
  );
  const store = openShopStore(shopFile);
  const visitors = openVisitors();
  const reader = await openStage(':memory:', { scratch: path.dirname(shopFile) });
  const truths = new Map<Day, Float64Array>();
  const turns: LoopResult[] = [];
  try {
    let offered: number[] = [];
    for (let day = HISTORY_DAYS; day <= STORY_DAYS; day++) {
      const today = addDays(FIRST_DAY, day - 1);
      if (day > HISTORY_DAYS) store.writeDay(shop.live(today, offered));
      const turn = await turnLoop(options, today);
      turns.push(turn);
      for (const text of describeTurn(turn)) line(text);
      if (today === changeDay)
        line(`${today}  tastes change: what was wanted goes out of fashion, and the other way round`);
      const delivered = await readDelivered(home, model);
      offered = chooseOffers(delivered.rows, { day: today, lastOffers: shop.lastOffers() });
      truths.set(today, shop.truth([offered]));
      visitors.admit(await visitorsOf(options, reader, today, delivered));
      progress(`${today}  ${turn.deliver?.version ?? ''} serves`, {
        done: day - HISTORY_DAYS,
        total: STORY_DAYS - HISTORY_DAYS,
      });
    }
    const report = await lastReport(home, model.name);
    const { rows: table } = await readDelivered(home, model);
    return await summarize({
      ...options,
      reader,
      changeDay,
      turns,
      report,
      table,
      truths,
      visits: await visitors.close(),
    });
  } finally {
    store.close();
    await reader.close();
    await visitors.close();
  }
}

/** What the loop has left when the story is over. */
export async function lastReport(home: Home, model: string): Promise<ModelReport> {
  const report = await readReport(home, model);
  if (report === undefined) throw new Error('The loop has turned, but left no report.');
  return report;
}

/** The sample's own state is removed; other models' is not touched. */
async function startAfresh(home: Home, model: Model, shopFile: string): Promise<void> {
  const folders = [home.mart, home.registry, home.runs, home.reports, home.deliveries, home.work].map((folder) =>
    path.join(folder, model.name),
  );
  const files = [path.join(home.reports, `${model.name}.json`)];
  await Promise.all(
    [path.dirname(shopFile), ...folders, ...files].map((name) => rm(name, { recursive: true, force: true })),
  );
}

async function turnLoop({ home, model, retrain, progress }: StoryOptions, asOf: Day): Promise<LoopResult> {
  return await withContext({ home, model, verb: 'up', onProgress: progress }, (context) =>
    // The shop's calendar is not ours: its days are complete when they are written.
    loop(context, { asOf, now: new Date(), retrain: retrain ? 'auto' : 'never' }),
  );
}

interface Delivered {
  version: string;
  rows: DeliveredScore[];
}

/** Today's predictions, read from the table as the shop's own software would. */
async function readDelivered(home: Home, model: Model): Promise<Delivered> {
  const database = await openDatabase(urlIn(home, model.manifest.deliver.url), { relativeTo: model.folder });
  try {
    const rows = await database.query<{ entity_id: string; score: number; arm: Arm; version: string }>(
      'SELECT entity_id, score, arm, version FROM predictions WHERE model = ?',
      [model.name],
    );
    return {
      version: rows[0]?.version ?? '',
      rows: rows.map(({ entity_id, score, arm }) => ({ entityId: entity_id, score, arm })),
    };
  } finally {
    await database.close();
  }
}

/** A few of the day's customers, spread over all, with what the shop knows of them. */
async function visitorsOf(
  { home, model, serviceUrl }: StoryOptions,
  reader: Stage,
  day: Day,
  { version, rows }: Delivered,
): Promise<VisitorsToday> {
  const step = Math.max(1, Math.floor(rows.length / VISITORS_A_DAY));
  const chosen = rows.filter((_, index) => index % step === 0);
  const features = await readFeatureRows(
    reader,
    home,
    model,
    day,
    chosen.map(({ entityId }) => entityId),
  );
  const visitors = chosen.map(({ entityId, score }) => ({ row: features.get(entityId) ?? {}, score }));
  return { url: `${serviceUrl}/predict/${model.name}`, version, visitors };
}
