import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeHtml } from './html.ts';

test('no text can open a tag, end an attribute or begin an entity', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const html = escapeHtml(text);
      expect(html).not.toMatch(/[<>"']/);
      expect(html).not.toMatch(/&(?!#\d+;)/);
    }),
  );
  expect(escapeHtml('</script><!-- & "\'')).toBe('&#60;/script&#62;&#60;!-- &#38; &#34;&#39;');
});

test('what cannot be seen is named: control characters, and signs that turn the direction', () => {
  expect(escapeHtml('a\u0000b\u202ec\rd')).toBe('a⟨U+0000⟩b⟨U+202E⟩c⟨U+000D⟩d');
  expect(escapeHtml('\ta\nb')).toBe('\ta\nb');
});

test('half a character becomes a whole one', () => {
  expect(escapeHtml('\ud83d')).toBe('\ufffd');
});
