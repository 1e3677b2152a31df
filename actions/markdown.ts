import { markdownTable } from 'markdown-table';

type Cell = string | number | undefined;

/** A table; what is in a cell cannot break out of it. Numbers are cut to four digits. */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  return `${markdownTable([head, ...rows].map((row) => row.map(cell)))}\n`;
}

/** Text that stands as it is: no markup, no mention that calls somebody, no link. */
export function plain(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>()#|~$]/g, '\\$&')
    .replaceAll('@', '@\u200b')
    .replaceAll(/https?:\/\//g, (scheme) => scheme.replace(':', ':\u200b'))
    .replaceAll(/\s*\n\s*/g, ' · ');
}

function cell(value: Cell): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  return plain(value ?? '');
}
