import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIsoTime } from './iso-time.ts';

describe('parseIsoTime', () => {
  test('reads what toISOString writes, for any time', () => {
    const min = new Date('0000-01-01T00:00:00Z');
    const max = new Date('9999-12-31T23:59:59.999Z');
    fc.assert(
      fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
        expect(parseIsoTime(date.toISOString())).toBe(BigInt(date.getTime()) * 1000n);
      }),
    );
  });

  test.each([
    ['2025-01-02', '2025-01-02T00:00:00Z'],
    ['2025-01-02 03:04', '2025-01-02T03:04:00Z'],
    ['2025-01-02T03:04:05', '2025-01-02T03:04:05Z'],
    ['2025-01-02T03:04:05+09:00', '2025-01-01T18:04:05Z'],
    ['2025-01-02 03:04:05-0330', '2025-01-02T06:34:05Z'],
    ['2025-01-02 03:04:05+00', '2025-01-02T03:04:05Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
  ])('%s is %s', (text, utc) => {
    expect(parseIsoTime(text)).toBe(BigInt(Date.parse(utc)) * 1000n);
  });

  test('keeps microseconds and drops what is finer', () => {
    expect(parseIsoTime('1970-01-01T00:00:00.123456789Z')).toBe(123_456n);
    expect(parseIsoTime('1970-01-01T00:00:00.5Z')).toBe(500_000n);
  });

  test.each([
    '',
    'now',
    'epoch',
    '20250102',
    '2025-1-2',
    '2025-02-30',
    '2023-02-29',
    '1900-02-29',
    '2025-13-01',
    '2025-04-31',
  ])('%j is no time', (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });

  test.each([
    '2025-01-02T24:00',
    '2025-01-02T03:60',
    '2025-01-02T03:04:60',
    '2025-01-02T03:04Europe',
    '2025-01-02T03:04+99:00',
  ])('%j is no time of day', (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });
});
