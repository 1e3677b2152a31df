import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, daysBetween, daysFrom } from './days.ts';
import { trainingWindow } from './window.ts';

const inputs = fc
  .record({
    age: fc.integer({ min: -5, max: 200 }),
    newestMature: fc.integer({ min: 0, max: 4000 }).map((days) => addDays('2020-01-01', days)),
    windowDays: fc.integer({ min: 1, max: 90 }),
    holdoutDays: fc.integer({ min: 1, max: 30 }),
    maturityDays: fc.integer({ min: 1, max: 45 }),
  })
  .map(({ age, ...input }) => ({ ...input, firstDay: addDays(input.newestMature, -age) }));

test('a long history gives full windows with a purge between them', () => {
  const window = trainingWindow({
    newestMature: '2026-03-31',
    firstDay: '2025-01-01',
    windowDays: 28,
    holdoutDays: 3,
    maturityDays: 7,
  });
  expect(window).toEqual({
    train: { from: '2026-02-22', to: '2026-03-22' },
    holdout: { from: '2026-03-29', to: '2026-04-01' },
  });
});

test('a short history shortens the training window', () => {
  const input = { newestMature: '2026-03-31', windowDays: 28, holdoutDays: 3, maturityDays: 7 };
  expect(trainingWindow({ ...input, firstDay: '2026-03-20' })?.train).toEqual({ from: '2026-03-20', to: '2026-03-22' });
  expect(trainingWindow({ ...input, firstDay: '2026-03-21' })?.train).toEqual({ from: '2026-03-21', to: '2026-03-22' });
  expect(trainingWindow({ ...input, firstDay: '2026-03-22' })).toBeUndefined();
});

describe('whatever the input', () => {
  test("no training label's horizon reaches into the holdout", () => {
    always(({ train, holdout }, { maturityDays }) => {
      for (const day of daysFrom(train.from, train.to)) {
        expect(addDays(day, maturityDays) < holdout.from).toBe(true);
      }
    });
  });

  test('the last training label is mature on the very eve of the holdout', () => {
    always(({ train, holdout }, { maturityDays }) => {
      expect(addDays(train.to, maturityDays - 1)).toBe(addDays(holdout.from, -1));
    });
  });

  test('no day is used whose label is not mature maturityDays after newestMature', () => {
    always(({ train, holdout }, { newestMature, maturityDays }) => {
      const known = addDays(newestMature, maturityDays);
      for (const day of [...daysFrom(train.from, train.to), ...daysFrom(holdout.from, holdout.to)]) {
        expect(addDays(day, maturityDays) <= known).toBe(true);
      }
    });
  });

  test('the training window has one to windowDays days, none before the first', () => {
    always(({ train }, { firstDay, windowDays }) => {
      expect(daysBetween(train.from, train.to)).toBeGreaterThanOrEqual(1);
      expect(daysBetween(train.from, train.to)).toBeLessThanOrEqual(windowDays);
      expect(train.from >= firstDay).toBe(true);
    });
  });

  test('the holdout is the newest holdoutDays mature days', () => {
    always(({ holdout }, { newestMature, holdoutDays }) => {
      expect(daysFrom(holdout.from, holdout.to)).toHaveLength(holdoutDays);
      expect(daysFrom(holdout.from, holdout.to).at(-1)).toBe(newestMature);
    });
  });

  test('there is a window exactly when a day is left to train on', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const history = daysBetween(input.firstDay, input.newestMature) + 1;
        expect(trainingWindow(input) !== undefined).toBe(history > input.holdoutDays + input.maturityDays);
      }),
    );
  });
});

type Window = NonNullable<ReturnType<typeof trainingWindow>>;

function always(holds: (window: Window, input: Parameters<typeof trainingWindow>[0]) => void): void {
  fc.assert(
    fc.property(inputs, (input) => {
      const window = trainingWindow(input);
      fc.pre(window !== undefined);
      holds(window, input);
    }),
  );
}
