import { expect, test } from 'vitest';
import { FAILURE_REASONS } from '../result.ts';
import { REASONS } from './reasons.ts';

test('no two reasons are told in the same words', () => {
  for (const key of ['one', 'many', 'title', 'meaning', 'help'] as const) {
    expect(new Set(FAILURE_REASONS.map((reason) => REASONS[reason][key])).size, key).toBe(FAILURE_REASONS.length);
  }
});

test.each(FAILURE_REASONS)('%s is told in whole sentences, and the words for counts have none', (reason) => {
  const { one, many, title, meaning, help } = REASONS[reason];
  for (const text of [title, meaning, help]) expect(text).toMatch(/^[A-Z].*\.$/);
  for (const text of [one, many]) expect(text).toMatch(/^[a-z-]+( [a-z-]+)*$/);
});
