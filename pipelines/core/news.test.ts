import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from './days.ts';
import { decideRetraining } from './news.ts';

const trained = { lastTrainedAsOf: '2026-03-01', everyDays: 7 };

test('a model that was never trained is trained', () => {
  const decision = decideRetraining({ asOf: '2026-03-01', everyDays: 7 });
  expect(decision).toEqual({
    retrain: true,
    reason: 'The model was never trained',
    batch: 'first-2026-03-01',
    newsDay: '2026-03-01',
  });
});

describe('new days', () => {
  test('make a batch when there are everyDays of them, not a day earlier', () => {
    expect(decideRetraining({ ...trained, asOf: '2026-03-07' })).toEqual({
      retrain: false,
      reason: '6 of 7 new days for a batch',
    });
    expect(decideRetraining({ ...trained, asOf: '2026-03-08' })).toEqual({
      retrain: true,
      reason: '7 new days since the training of 2026-03-01, a batch is 7',
      batch: 'days-2026-03-08',
      newsDay: '2026-03-08',
    });
  });

  test('are of the day that completed the batch, on whatever later day one asks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 0, max: 60 }), (everyDays, later) => {
        const asOf = addDays('2026-03-01', later);
        const { batch, newsDay } = decideRetraining({ asOf, lastTrainedAsOf: '2026-03-01', everyDays });
        expect(batch).toBe(newsDay && `days-${newsDay}`);
        expect(newsDay === undefined).toBe(later < everyDays);
      }),
    );
  });

  test('name the same batch until the next one is complete', () => {
    const ids = Array.from({ length: 15 }, (_, later) => {
      return decideRetraining({ ...trained, asOf: addDays('2026-03-08', later) }).batch;
    });
    expect(new Set(ids)).toEqual(new Set(['days-2026-03-08', 'days-2026-03-15', 'days-2026-03-22']));
    expect(ids.indexOf('days-2026-03-15')).toBe(7);
  });

  test('of a source that went back in time are none', () => {
    const decision = decideRetraining({ ...trained, asOf: '2026-02-20' });
    expect(decision).toEqual({ retrain: false, reason: '0 of 7 new days for a batch' });
  });
});

describe('drift', () => {
  test('noticed after the last training retrains before the batch is complete', () => {
    expect(decideRetraining({ ...trained, asOf: '2026-03-05', drift: { since: '2026-03-04' } })).toEqual({
      retrain: true,
      reason: 'Drift, noticed on 2026-03-04',
      batch: 'drift-2026-03-04',
      newsDay: '2026-03-04',
    });
  });

  test.each(['2026-02-20', '2026-03-01'])('noticed on %s, before or at the last training, waits', (since) => {
    const decision = decideRetraining({ ...trained, asOf: '2026-03-05', drift: { since } });
    expect(decision.retrain).toBe(false);
    expect(decision.reason).toBe(`4 of 7 new days for a batch; drift of ${since} was already trained on`);
    expect(decideRetraining({ ...trained, asOf: '2026-03-08', drift: { since } }).batch).toBe('days-2026-03-08');
  });

  test('and a complete batch are named by the later of the two', () => {
    const drift = { since: '2026-03-08' };
    expect(decideRetraining({ ...trained, asOf: '2026-03-10', drift }).batch).toBe('drift-2026-03-08');
    expect(decideRetraining({ ...trained, asOf: '2026-03-15', drift }).batch).toBe('days-2026-03-15');
  });
});

test('day by day, lasting drift costs one training beside the batches', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 60 }), (everyDays, noticedAfter) => {
      const since = addDays('2026-01-01', noticedAfter);
      const trainings = live(everyDays, 90, since);
      const byDrift = trainings.filter(({ batch }) => batch.startsWith('drift-'));
      expect(byDrift).toEqual([{ asOf: since, batch: `drift-${since}` }]);
      expect(new Set(trainings.map(({ batch }) => batch)).size).toBe(trainings.length);
      expect(trainings.length).toBeLessThanOrEqual(1 + Math.floor(90 / everyDays) + 1);
    }),
  );
});

/** Asks every day, trains when told to, with drift noticed on a day and lasting from then on. */
function live(everyDays: number, days: number, since: string): { asOf: string; batch: string }[] {
  const trainings: { asOf: string; batch: string }[] = [];
  for (let passed = 0; passed <= days; passed += 1) {
    const asOf = addDays('2026-01-01', passed);
    const drift = asOf >= since ? { since } : undefined;
    const { retrain, batch } = decideRetraining({ asOf, everyDays, drift, lastTrainedAsOf: trainings.at(-1)?.asOf });
    if (retrain) trainings.push({ asOf, batch });
  }
  return trainings;
}
