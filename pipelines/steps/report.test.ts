import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  livingModel,
  NOW,
  preparedModel,
  type LivingModel,
  type ModelChange,
} from '../../tests/support/living-model.ts';
import { deliveryFiles, writeDelivery } from '../adapters/deliveries.ts';
import { readReport } from '../adapters/report-file.ts';
import { daysFrom, type Day } from '../core/days.ts';
import type { ReportMark } from '../core/report.ts';
import { etl } from './etl.ts';
import { loop } from './loop.ts';
import { report } from './report.ts';

const ENTITIES = ['c0', 'c1', 'c2', 'c3'];
const SCORES = [0.9, 0.8, 0.3, 0.1];
const ARMS = ['treated', 'treated', 'holdout', 'holdout'] as const;

/** Four customers over six days; c0 buys on the 4th and the 5th, c2 on the 5th. */
async function fourCustomers(change: ModelChange = {}): Promise<LivingModel> {
  const living = await livingModel({ days: 6, customers: 4 });
  living.alter(`UPDATE visits SET bought = (customer = 'c0' AND date(seen_at) IN ('2025-01-04', '2025-01-05'))
    OR (customer = 'c2' AND date(seen_at) = '2025-01-05')`);
  await living.run((context) => etl(context, { now: NOW }), change);
  return living;
}

const deliverOn = (living: LivingModel, day: Day, change: ModelChange = {}) =>
  living.run(async ({ home, reader, work }) => {
    const predictions = { entities: ENTITIES, scores: Float32Array.from(SCORES), arms: ARMS };
    const about = { day, version: 'v1', runId: 'deliver-1' };
    await writeDelivery(reader, deliveryFiles(home, 'living', day), work, predictions, about);
  }, change);

const reportOf = (living: LivingModel, change: ModelChange = {}) =>
  living.run((context) => report(context, '2025-01-06'), change);

describe('predicted against actual', () => {
  test('is what one finds by hand', async () => {
    const living = await fourCustomers();
    await deliverOn(living, '2025-01-03');
    const { days } = await reportOf(living);
    expect(days).toHaveLength(1);
    expect(days[0]).toMatchObject({ day: '2025-01-03', version: 'v1', rows: 4, actual: 0.5, auc: 0.75 });
    expect(days[0]?.predicted).toBeCloseTo(2.1 / 4, 6);
    expect(days[0]?.brier).toBeCloseTo((0.01 + 0.64 + 0.49 + 0.01) / 4, 6);
    expect(days[0]?.logLoss).toBeCloseTo(-Math.log(0.9 * 0.2 * 0.3 * 0.9) / 4, 6);
  });

  test('has the days whose labels are mature, and no others', async () => {
    const living = await fourCustomers();
    for (const day of ['2025-01-03', '2025-01-04', '2025-01-05', '2025-01-06']) await deliverOn(living, day);
    expect((await reportOf(living)).days.map(({ day }) => day)).toEqual(['2025-01-03', '2025-01-04']);
  });

  test('leaves out entities whose label is not known', async () => {
    const change = {
      labelSql: `SELECT customer, if(customer = 'c3', NULL, max(bought)) AS label FROM visits WHERE seen_at >= as_of() + INTERVAL 1 DAY GROUP BY customer`,
    };
    const living = await fourCustomers(change);
    await deliverOn(living, '2025-01-03', change);
    expect((await reportOf(living, change)).days).toMatchObject([{ rows: 3, auc: 0.5 }]);
  });

  test('follows a delivery that was made anew', async () => {
    const living = await fourCustomers();
    await deliverOn(living, '2025-01-03');
    await reportOf(living);
    await living.run(async ({ home, reader, work }) => {
      const predictions = { entities: ENTITIES, scores: new Float32Array(4).fill(0.25), arms: ARMS };
      const about = { day: '2025-01-03', version: 'v2', runId: 'deliver-2' };
      await writeDelivery(reader, deliveryFiles(home, 'living', '2025-01-03'), work, predictions, about);
    });
    expect((await reportOf(living)).days).toMatchObject([{ version: 'v2', predicted: 0.25, auc: 0.5 }]);
  });
});

describe('treated against held out', () => {
  test('is the value per customer of each arm', async () => {
    const living = await fourCustomers();
    await deliverOn(living, '2025-01-03');
    const { experiment } = await reportOf(living);
    // c0 brought 20, c2 10, the others nothing.
    expect(experiment).toMatchObject({
      treated: { entities: 2, mean: 10, variance: 200 },
      holdout: { entities: 2, mean: 5, variance: 50 },
      difference: 5,
      confidence: 0.95,
    });
  });

  test('counts no sale twice where the horizons of two days overlap', async () => {
    const living = await fourCustomers();
    await deliverOn(living, '2025-01-03');
    const alone = (await reportOf(living)).experiment;
    await deliverOn(living, '2025-01-04');
    expect((await reportOf(living)).experiment).toEqual(alone);
  });

  test('is absent before there is anything to compare', async () => {
    const living = await fourCustomers();
    expect(await reportOf(living)).toMatchObject({ days: [], marks: [], experiment: undefined });
  });
});

const withChampion = preparedModel((living) => living.turn());

describe('marks', () => {
  test('tell of every judgement', async () => {
    const living = await withChampion();
    living.live(4, 'first');
    await living.turn();
    const marks = (await readReport(living.home, 'living'))?.marks;
    expect(marks).toMatchObject([
      {
        day: '2025-01-12',
        kind: 'promoted',
        version: 'v1',
        text: expect.stringContaining('First model, AUC') as string,
      },
      { day: '2025-01-16', kind: 'refused', version: 'v2' },
    ]);
  });

  test('tell of drift once for each version, on the day when it was noticed', async () => {
    const living = await withChampion();
    living.live(10, 'second');
    const noticed: Day[] = [];
    for (const day of daysFrom('2025-01-13', '2025-01-23')) {
      const turn = await living.run((context) => loop(context, { asOf: day, now: NOW, retrain: 'never' }));
      if (turn.drift) noticed.push(day);
    }
    const drifts = (await readReport(living.home, 'living'))?.marks.filter(({ kind }) => kind === 'drift');
    expect(noticed).toHaveLength(1);
    expect(drifts).toMatchObject([
      { day: noticed[0], version: 'v1', text: expect.stringMatching(/^AUC 0\.\d+/) as string },
    ]);
  });

  test('are found again when the report was lost', async () => {
    const living = await withChampion();
    living.live(8, 'second');
    for (const day of daysFrom('2025-01-13', '2025-01-21'))
      await living.run((context) => loop(context, { asOf: day, now: NOW, retrain: 'never' }));
    const before = await readReport(living.home, 'living');
    await rm(living.home.reports, { recursive: true });
    const { marks, ...others } = await living.run((context) => report(context, '2025-01-20'));
    expect(before).toMatchObject(others);
    const named = (mark: ReportMark) => `${mark.day} ${mark.kind} ${mark.version}`;
    expect(marks.map(named)).toEqual(before?.marks.map(named));
  });
});
