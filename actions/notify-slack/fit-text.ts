import { stripVTControlCharacters } from 'node:util';

const ELLIPSIS = '…';

/** Any text as Slack's text objects want it: `<!here>` and links cannot be written in it, and no terminal's colours are left. */
export function escapeText(text: string): string {
  return (
    stripVTControlCharacters(text.toWellFormed())
      // eslint-disable-next-line no-control-regex
      .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // They would open a block of code, or end ours.
      .replaceAll('```', "'''")
  );
}

/** Escaped text of so many characters at most, cut after a word. */
export function cutEnd(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const room = text.slice(0, maxLength - ELLIPSIS.length);
  // Half of the room is not given up for a whole word: it may be a word without an end.
  const lastSpace = Math.max(room.lastIndexOf(' '), room.lastIndexOf('\n'));
  const whole = lastSpace > room.length / 2 ? room.slice(0, lastSpace) : room;
  return `${withoutHalves(whole).trimEnd()}${ELLIPSIS}`;
}

/** Escaped lines of so many characters at most. The first and the last lines stay: what failed, and what to do. */
export function cutMiddle(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const lines = text.split('\n');
  const gap = (count: number) => `${ELLIPSIS} (${count} ${count === 1 ? 'line' : 'lines'} left out)`;
  const room = maxLength - gap(lines.length).length - 2;
  const tail = takeLines(lines.slice(1).reverse(), room / 2).reverse();
  const head = takeLines(lines.slice(0, lines.length - tail.length), room - sizeOf(tail));
  const left = lines.length - head.length - tail.length;
  return [...head, ...(left > 0 ? [gap(left)] : []), ...tail].join('\n');
}

/** Whole lines as far as they fit; the first is cut when it is too long alone. */
function takeLines(lines: readonly string[], room: number): string[] {
  const taken: string[] = [];
  for (const line of lines) {
    if (taken.length > 0 && sizeOf(taken) + line.length + 1 > room) break;
    taken.push(cutEnd(line, Math.floor(room) - 1));
  }
  return taken;
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((size, line) => size + line.length + 1, 0);
}

/** Neither half an entity nor half a character at the end. */
function withoutHalves(text: string): string {
  return text.replace(/&[a-z]{0,3}$/, '').replace(/[\ud800-\udbff]$/, '');
}
