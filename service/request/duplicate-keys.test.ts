import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refuseDuplicateKeys } from './duplicate-keys.ts';

describe('a key given twice', () => {
  test.each([
    ['at the top', '{"row": 1, "row": 2}', 'row', 1],
    ['in a row', '{"rows": [{"a": 1}, {"a": 1, "b": 2, "a": 3}]}', 'rows[1].a', 4],
    ['by an escape', String.raw`{"row": {"a": 1, "\u0061": 2}}`, 'row.a', 2],
    ['beside a text with a colon', '{"row": {"a": "x:y", "a": "z"}}', 'row.a', 2],
  ])('%s is refused with its path', (_, text, path, keys) => {
    expect(() => {
      refuseDuplicateKeys(text, keys);
    }).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID', path, message: `${path} is given twice.` }) as Error);
  });

  test.each([
    ['the same key in two objects', '{"rows": [{"a": 1}, {"a": 2}]}', 3],
    ['colons in texts', String.raw`{"row": {"a": "x: \": y", "b:c": "{\"a\": 1}"}}`, 3],
  ])('%s is let through', (_, text, keys) => {
    refuseDuplicateKeys(text, keys);
  });

  test('no JSON that an object can be written as is refused', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        refuseDuplicateKeys(text, 0);
      }),
    );
  });
});
