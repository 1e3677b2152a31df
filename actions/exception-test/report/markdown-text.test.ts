import { expect, test } from 'vitest';
import { addressOf, plain } from './markdown-text.ts';

test('text cannot become markup, a mention, a link or a second line', () => {
  expect(plain('a | b <img> `c` *d*')).toBe('a \\| b \\<img\\> \\`c\\` \\*d\\*');
  expect(plain('@somebody, see https://a.example and #12')).toBe(
    '@\u200bsomebody, see https\u200b://a.example and \\#\u200b12',
  );
  expect(plain('one\r\n  two\u2028')).toBe('one · two');
  expect(plain('- no list')).toBe('\\- no list');
  expect(plain('1. no list')).toBe('1\\. no list');
});

test('an address holds whatever a file is called', () => {
  expect(addressOf('actions/etl/main.ts')).toBe('actions/etl/main.ts');
  expect(addressOf('a b/[id](1)|.ts')).toBe('a%20b/%5Bid%5D%281%29%7C.ts');
});
