import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutEnd, cutMiddle, escapeText } from './fit-text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 400 });
/** Text of which every cut may go through an entity, a pair of surrogates or a word. */
const tricky = fc
  .array(fc.constantFrom('&', '<', '😀', 'a', ' ', '\n', 'word', '\ud83d'), { maxLength: 300 })
  .map((parts) => parts.join(''));

describe('escaped text', () => {
  test('can begin no mention and no link, and keeps what it says', () => {
    expect(escapeText('<!here> <https://a.b|c> R&D')).toBe('&lt;!here&gt; &lt;https://a.b|c&gt; R&amp;D');
  });

  test('has no colours of a terminal, no control characters and no halves of characters', () => {
    expect(escapeText('\u001b[31mred\u001b[0m \u0007bell\u0000\ttab\nline \ud83d')).toBe('red bell\ttab\nline \ufffd');
  });
});

describe('a cut end', () => {
  test('is after a whole word, with a mark', () => {
    expect(cutEnd('the trainer has crashed', 15)).toBe('the trainer…');
  });

  test('is within a word that has no end', () => {
    expect(cutEnd('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
  });

  test('is nowhere in what fits', () => {
    expect(cutEnd('abc', 3)).toBe('abc');
  });

  test('never is over the limit, nor within an entity or a character', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, tricky), fc.integer({ min: 1, max: 300 }), (text, limit) => {
        const cut = cutEnd(escapeText(text), limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
      }),
    );
  });
});

describe('a cut middle', () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);

  test('leaves the first and the last lines, and says how many are out', () => {
    const cut = cutMiddle(lines.join('\n'), 100).split('\n');
    expect(cut[0]).toBe('line 0');
    expect(cut.at(-1)).toBe('line 39');
    const kept = cut.filter((line) => line.startsWith('line '));
    expect(cut).toContain(`… (${40 - kept.length} lines left out)`);
  });

  test('keeps the last line beside a first line that is too long, and the other way round', () => {
    const long = 'long '.repeat(100);
    expect(cutMiddle(`${long}\nWhat to do: mend it`, 100)).toMatch(/^long .*…\nWhat to do: mend it$/);
    expect(cutMiddle(`CODE: what\n${long}`, 100)).toMatch(/^CODE: what\nlong .*…$/);
  });

  test('never is over the limit, nor within an entity or a character', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, tricky), fc.integer({ min: 80, max: 300 }), (text, limit) => {
        const cut = cutMiddle(escapeText(text), limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
      }),
    );
  });
});
