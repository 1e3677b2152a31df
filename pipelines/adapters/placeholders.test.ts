import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countPlaceholders, numberPlaceholders } from './placeholders.ts';

const KEPT = [
  "'what?'",
  "'it''s ?'",
  String.raw`E'it\'s ?'`,
  '"odd ""?"" name"',
  '-- really?\n',
  '/* one?\n two? */',
  '$$ body? $$',
  "$tag$ ' $$ ? $tag$",
];

describe('placeholders', () => {
  test.each(KEPT)('a question mark in %s is none', (text) => {
    expect(numberPlaceholders(`SELECT ?, ${text} , ?`)).toBe(`SELECT $1, ${text} , $2`);
  });

  test('whatever they stand between, they are numbered from 1 in order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KEPT, '?', 'a', '=')), (parts) => {
        const sql = parts.join(' ');
        let count = 0;
        expect(numberPlaceholders(sql)).toBe(parts.map((part) => (part === '?' ? `$${++count}` : part)).join(' '));
        expect(countPlaceholders(sql)).toBe(count);
      }),
    );
  });

  test('a string that is never closed takes nothing with it', () => {
    expect(numberPlaceholders("SELECT ? 'open")).toBe("SELECT $1 'open");
  });
});
