import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastSlot, slotsBetween, nextSlot } from './schedule.ts';

const NIGHTLY = '17 4 * * *';

describe('the slot of a run', () => {
  test.each([
    ['on the minute', NIGHTLY, '2026-03-02T04:17:00.000Z', '2026-03-02T04:17:00.000Z'],
    ['within the minute', NIGHTLY, '2026-03-02T04:17:59.999Z', '2026-03-02T04:17:00.000Z'],
    ['hours late', NIGHTLY, '2026-03-03T02:00:00.000Z', '2026-03-02T04:17:00.000Z'],
    ['over the end of a year', '0 0 1 1 *', '2026-12-31T23:59:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['on a leap day', '0 0 29 2 *', '2026-06-01T00:00:00.000Z', '2024-02-29T00:00:00.000Z'],
    ['on a day of the month or of the week', '0 6 1 * MON', '2026-03-03T00:00:00.000Z', '2026-03-02T06:00:00.000Z'],
    ['where clocks change: cron is UTC', '30 2 * * *', '2026-03-29T02:30:00.000Z', '2026-03-29T02:30:00.000Z'],
  ])('%s', (_, cron, now, slot) => {
    expect(lastSlot({ cron }, new Date(now))?.toISOString()).toBe(slot);
  });

  test.each(['', 'nightly', '61 * * * *', '* * * *', '0 0 30 2 *'])('there is none of "%s"', (cron) => {
    expect(lastSlot({ cron }, new Date())).toBeUndefined();
  });

  test.each([
    ['in winter', '2026-01-15T12:00:00Z', '2026-01-15T01:30:00.000Z'],
    ['in summer', '2026-07-15T12:00:00Z', '2026-07-15T00:30:00.000Z'],
    // GitHub does the same: it advances to the next valid time.
    ['in the hour that is left out', '2026-03-29T12:00:00Z', '2026-03-29T01:00:00.000Z'],
  ])('in a time zone of its own, %s', (_, now, slot) => {
    const schedule = { cron: '30 2 * * *', timezone: 'Europe/Berlin' };
    expect(lastSlot(schedule, new Date(now))?.toISOString()).toBe(slot);
  });

  test('there is none in a zone that there is not', () => {
    expect(lastSlot({ cron: NIGHTLY, timezone: 'Mars/Olympus' }, new Date())).toBeUndefined();
  });
});

test('between two runs of every n hours lie all the others', () => {
  const hours = fc.constantFrom(1, 2, 3, 4, 6, 8, 12);
  fc.assert(
    fc.property(
      hours,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 3599 }),
      (every, runs, lateSeconds) => {
        const cron = `0 */${every} * * *`;
        const from = new Date('2026-03-01T00:00:00Z');
        const now = new Date(from.getTime() + (runs * every * 3600 + lateSeconds) * 1000);
        const slot = lastSlot({ cron }, now) ?? from;
        expect(slotsBetween({ cron }, from, slot)).toHaveLength(runs - 1);
      },
    ),
  );
});

test('due next is the first time after, and never where there is no such schedule', () => {
  const from = new Date('2026-07-15T02:30:00Z');
  expect(nextSlot({ cron: '30 2 * * *' }, from)?.toISOString()).toBe('2026-07-16T02:30:00.000Z');
  expect(nextSlot({ cron: 'nightly' }, from)).toBeUndefined();
});
