import { expect, test } from 'vitest';
import { shortNumber, spreadText, withSection } from './page.ts';

test('a section is put at the end, and then replaced where it stands', () => {
  const first = withSection('# Page\n', 'bench:a', 'old');
  const both = withSection(first, 'bench:b', 'other');
  expect(both).toBe(
    '# Page\n\n<!-- bench:a -->\n\nold\n\n<!-- end of bench:a -->\n\n<!-- bench:b -->\n\nother\n\n<!-- end of bench:b -->\n',
  );
  expect(withSection(both, 'bench:a', 'new')).toBe(both.replace('old', 'new'));
});

test('figures are told in three digits, and whole from a hundred on', () => {
  expect([0.012345, 1.2345, 99.95, 12_345.6, Number.NaN].map(shortNumber)).toEqual([
    '0.0123',
    '1.23',
    '100',
    '12,346',
    '–',
  ]);
  expect(spreadText({ min: 1, median: 2, max: 3 })).toBe('2 (1–3)');
});
