import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, dayNumber, dayOf, daysBetween, daysFrom, parseDay } from './days.ts';

const day = fc.date({ min: new Date('1970-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }).map(dayOf);

test('days are read only when they are in the calendar', () => {
  expect(parseDay('2024-02-29')).toBe('2024-02-29');
  for (const text of ['2025-02-29', '2025-13-01', '2025-1-1', 'today', '']) expect(parseDay(text)).toBeUndefined();
});

test('adding and counting days are inverse, and days sort as text', () => {
  fc.assert(
    fc.property(day, fc.integer({ min: -3000, max: 3000 }), (from, count) => {
      const to = addDays(from, count);
      expect(daysBetween(from, to)).toBe(count);
      expect(Math.sign(count)).toBe(to > from ? 1 : to < from ? -1 : 0);
    }),
  );
});

test('a range holds its first day and not its last', () => {
  expect(daysFrom('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29']);
  expect(daysFrom('2024-03-01', '2024-02-28')).toEqual([]);
  expect(dayNumber('1970-01-02')).toBe(1);
});
