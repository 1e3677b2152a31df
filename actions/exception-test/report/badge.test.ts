import { describe, expect, test } from 'vitest';
import { BADGE_COLORS, badgeEndpoint, badgeSvg } from './badge.ts';
import { samplePath, sampleResult } from './sample-result.ts';

function result(good: number, bad: number, level: 1 | 2 = 1) {
  const tested = [
    ...Array.from({ length: good }, () => samplePath()),
    ...Array.from({ length: bad }, () => samplePath({ count: 0 })),
  ];
  return sampleResult(tested, { level });
}

test('the endpoint has what shields.io asks for', () => {
  expect(badgeEndpoint(result(3, 0))).toEqual({
    schemaVersion: 1,
    label: 'exceptions',
    message: '100 % tested',
    color: '#1e7b34',
  });
});

test('the colour goes by the share, and green is for all only', () => {
  const colors = [result(1000, 0), result(999, 1), result(90, 10), result(70, 30), result(0, 5)].map(
    (its) => badgeEndpoint(its).color,
  );
  expect(colors).toEqual(BADGE_COLORS.map(([, color]) => color));
  expect(badgeEndpoint(result(999, 1)).message).toBe('99 % tested');
});

test('from level 2 on, tested is asserted', () => {
  const tested = [samplePath(), samplePath({ survivors: ['remove'] })];
  expect(badgeEndpoint(sampleResult(tested, { level: 1 })).message).toBe('100 % tested');
  expect(badgeEndpoint(sampleResult(tested, { level: 2 })).message).toBe('50 % tested');
});

test('a project without error paths has a grey badge and no share', () => {
  expect(badgeEndpoint(sampleResult([]))).toMatchObject({ message: 'none', color: '#666666' });
});

test('the picture says in words what it shows', () => {
  const svg = badgeSvg(result(9, 1));
  expect(svg).toContain('role="img" aria-label="exceptions: 90 % tested"');
  expect(svg).toContain('<title>exceptions: 90 % tested</title>');
});

describe('white text can be read', () => {
  test.each(BADGE_COLORS.map(([, color]) => color))('on %s', (color) => {
    expect(1.05 / (luminance(color) + 0.05)).toBeGreaterThan(4.5);
  });
});

/** Relative luminance as WCAG 2 has it. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
