import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain, table } from './markdown.ts';

test.each([
  ['two\nlines', 'two · lines'],
  ['\r\n a \r b \n\n', 'a · b'],
  ['a | b', 'a \\| b'],
  ['<img src=x>', '\\<img src=x\\>'],
  ['**bold** `code` [a](b)', '\\*\\*bold\\*\\* \\`code\\` \\[a\\](b)'],
  ['- item', '\\- item'],
  ['1. item', '1\\. item'],
  ['2) item', '2\\) item'],
  ['---', '\\---'],
  ['-0.3 and 1.5', '-0.3 and 1.5'],
  ['&commat;somebody', '\\&commat;somebody'],
  ['@somebody', '@\u200bsomebody'],
  ['fixes #12', 'fixes \\#\u200b12'],
  ['see HTTPS://example.org', 'see HTTPS\u200b://example.org'],
  ['www.example.org', 'www\u200b.example.org'],
  ['GH-12 and v1.2', 'GH-12 and v1.2'],
])('%j is written as %j', (text, written) => {
  expect(plain(text)).toBe(written);
});

test('no text makes another row or column', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('|', '\\', '\n', '\r', 'a') }),
      (a, b) => {
        const rows = table(['x', 'y'], [[a, b]]).split(/[\r\n]/);
        expect(rows).toHaveLength(4);
        // A backslash before it makes a bar part of the text.
        expect(rows[2]?.replaceAll(/\\[^]/g, '').split('|')).toHaveLength(4);
      },
    ),
  );
});

test('a long cell does not widen the other rows', () => {
  expect(table(['x'], [['a'.repeat(1000)], ['b']]).length).toBeLessThan(1100);
});

test('numbers keep four digits, whole ones all', () => {
  expect(table(['x'], [[0.123456], [1234567], [undefined]])).toBe('| x |\n| - |\n| 0.1235 |\n| 1234567 |\n| |\n');
});

test('a megabyte of blanks takes no time worth speaking of', () => {
  expect(plain(`a${' '.repeat(1_000_000)}b\n`)).toHaveLength(1_000_002);
});
