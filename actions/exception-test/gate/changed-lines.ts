/**
 * The lines that a change adds or touches, by file, out of `git diff --unified=0` with the prefixes `a/` and `b/`. A deleted
 * file has none.
 */
export function changedLines(diff: string): Map<string, Set<number>> {
  const changed = new Map<string, Set<number>>();
  let lines = new Set<number>();
  // So many lines of text follow, whatever they look like.
  let left = 0;
  for (const line of diff.split('\n')) {
    if (left > 0) {
      if (!line.startsWith('\\')) left -= 1;
      continue;
    }
    const file = line.startsWith('+++ ') ? nameIn(line.slice(4)) : undefined;
    if (file?.startsWith('b/') === true) changed.set(file.slice(2), (lines = new Set()));
    const [, removed = '1', from = '', added = '1'] = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (from === '') continue;
    left = Number(removed) + Number(added);
    for (let at = 0; at < Number(added); at += 1) lines.add(Number(from) + at);
  }
  return changed;
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Git quotes names that hold what is no letter of ASCII, byte by byte, and ends a name with a space in it with a tab. */
function nameIn(text: string): string {
  if (!text.startsWith('"')) return text.replace(/\t$/, '');
  const bytes = [...text.slice(1, text.lastIndexOf('"')).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gs)].map(
    ([, octal, escaped = '', plain]) =>
      octal === undefined
        ? Buffer.from(plain ?? ESCAPES[escaped] ?? escaped)
        : Buffer.from([Number.parseInt(octal, 8)]),
  );
  return Buffer.concat(bytes).toString();
}
