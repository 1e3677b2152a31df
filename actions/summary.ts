/** GitHub drops the whole summary of a step when it is larger. */
const MAX_SUMMARY_BYTES = 1024 * 1024;
/** Room for the marks that end a code block that was cut. */
const FENCE_ROOM = 64;

/** A summary that GitHub takes: whole lines up to its limit, and a word where it was cut. */
export function cutSummary(markdown: string, maxBytes = MAX_SUMMARY_BYTES): string {
  if (Buffer.byteLength(markdown) <= maxBytes) return markdown;
  const note = `\n\n_Cut here: GitHub takes ${maxBytes} bytes. The log has everything._\n`;
  const bytes = Buffer.from(markdown).subarray(0, Math.max(0, maxBytes - Buffer.byteLength(note) - FENCE_ROOM));
  // As a stream, it keeps back the bytes of a character that was cut through.
  const room = new TextDecoder().decode(bytes, { stream: true });
  const lastLine = room.lastIndexOf('\n');
  const kept = lastLine === -1 ? room : room.slice(0, lastLine);
  return `${kept}${endOfFence(kept)}${note}`;
}

/** A code block that its content cannot end. */
export function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}text\n${text}\n${marks}`;
}

/** What ends the code block in which a text stops; else the note would be a part of it. */
function endOfFence(markdown: string): string {
  let open: string | undefined;
  for (const [, marks = '', info = ''] of markdown.matchAll(/^(`{3,})(.*)$/gm)) {
    if (open === undefined) open = marks;
    else if (marks.length >= open.length && info.trim() === '') open = undefined;
  }
  return open === undefined ? '' : `\n${open.slice(0, FENCE_ROOM - 1)}`;
}
