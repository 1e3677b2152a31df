import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutSummary, fence } from './summary.ts';

const NOTE = '\n\n_Cut here: GitHub takes 200 bytes. The log has everything._\n';

describe('a summary', () => {
  test('that fits stays as it is', () => {
    expect(cutSummary('x'.repeat(200), 200)).toBe('x'.repeat(200));
  });

  test('that does not ends with a whole line', () => {
    expect(cutSummary('line\n'.repeat(100), 200)).toBe(`${'line\n'.repeat(14).trimEnd()}${NOTE}`);
  });

  test('of one line ends with a whole character', () => {
    expect(cutSummary('€'.repeat(100), 200)).toBe(`${'€'.repeat(24)}${NOTE}`);
  });

  test('cut in a code block ends it before the note', () => {
    const markdown = `# a\n\n${fence('const x = `1`;\n'.repeat(100))}\n`;
    expect(cutSummary(markdown, 200)).toContain('const x = `1`;\n```\n\n_Cut here');
  });

  test('whatever is in it, it fits, is valid UTF-8, and begins as the whole does', () => {
    const markdown = fc.array(fc.constantFrom('ü', '€', '𝄞', '\n', '```', '\n````text\n', 'x'), { minLength: 60 });
    fc.assert(
      fc.property(markdown, fc.integer({ min: 180, max: 400 }), (parts, limit) => {
        const whole = parts.join('');
        const cut = cutSummary(whole, limit);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed() && !cut.includes('\uFFFD')).toBe(true);
        if (cut === whole) return;
        const kept = cut.slice(0, cut.indexOf('\n\n_Cut here')).replace(/\n`+$/, '');
        expect(whole.startsWith(kept)).toBe(true);
      }),
    );
  });
});

test('a code block cannot be ended by what is in it', () => {
  expect(fence('a ```` b')).toBe('`````text\na ```` b\n`````');
});
