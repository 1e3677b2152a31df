import { markdownTable } from 'markdown-table';

export type Cell = string | number | undefined;

/** A table; what is in a cell cannot break out of it. Numbers are cut to four digits. */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  // Not aligned: one long cell would make all of its column as long.
  return `${markdownTable(
    [head, ...rows].map((row) => row.map(cell)),
    { alignDelimiters: false },
  )}\n`;
}

/** Text that stands as it is, on one line: no markup, no mention that calls somebody, no link. */
export function plain(text: string): string {
  return text
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' · ')
    .replace(/[\\`*_{}[\]<>#|~$&]/g, '\\$&')
    .replace(/^[-+](?=[\s-]|$)|(?<=^\d+)[.)](?=\s|$)/, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll(/(?<=\\#)(?=\d)/g, '\u200b')
    .replaceAll(/:(?=\/\/)|(?<=\bwww)\.|(?<=\b(?:mailto|xmpp)):/gi, '\u200b$&');
}

function cell(value: Cell): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  return plain(value ?? '');
}
