import { expect, it } from 'vitest';
import { cutWhole, messageLines, shownHeader } from './message-lines.ts';

it('every kind of line end ends a line, and nothing else breaks one', () => {
  expect(messageLines('a\nb\r\nc\rd\u2028e\u0000f\u001b[31m  ')).toEqual(['a', 'b', 'c', 'd e f [31m']);
});

it('what is shown of a message is its first line that says something, cut to the length', () => {
  expect(shownHeader('\n\n  \nfix: a\n\nb')).toBe('fix: a');
  expect(shownHeader('x'.repeat(10_000), 20)).toBe(`${'x'.repeat(19)}…`);
  expect(shownHeader('')).toBe('');
});

it('a character of two units is not halved', () => {
  expect(cutWhole('a🐛b', 2)).toBe('a');
  expect(cutWhole('a🐛b', 3)).toBe('a🐛');
});
