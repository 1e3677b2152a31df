import { markdownTable } from 'markdown-table';
import type { Counts, ExceptionResult, TestedPath } from '../result.ts';
import { countAll, groupByFolder, isAsserted, percent, sumCounts } from './counts.ts';
import { plain } from './markdown-text.ts';

/** A number with what it is a share of, and how it moved since the base. */
interface Cell {
  count: number;
  /** `97 %`; undefined where a share says nothing. */
  share?: string | undefined;
  /** `▲ 3`, `▼ 1`, `±0`, or `new`; undefined where there is no base to compare with. */
  trend?: string | undefined;
}

/** Folders with their cells, one for each entry of `head`; the last row is the total. */
export interface FolderTable {
  head: string[];
  rows: { folder: string; cells: Cell[] }[];
}

interface Column {
  title: string;
  /** What is known of the base too, and so has a trend. */
  key?: keyof Counts;
  isShare: boolean;
}

const PATHS: Column = { title: 'Paths', key: 'paths', isShare: false };
const REACHED: Column = { title: 'Reached', key: 'reached', isShare: true };
const ASSERTED: Column = { title: 'Asserted', isShare: true };
const SURVIVORS: Column = { title: 'Survivors', key: 'survivors', isShare: false };
const NOT_TRIED: Column = { title: 'Not tried', key: 'notTried', isShare: false };
const WAIVED: Column = { title: 'Waived', key: 'waived', isShare: false };

/** The table by folder. On level 1 nothing is said of mutations: a 0 there would look like praise. */
export function folderTable({ level, tested, base }: ExceptionResult): FolderTable {
  const columns = level === 1 ? [PATHS, REACHED, WAIVED] : [PATHS, REACHED, ASSERTED, SURVIVORS, NOT_TRIED, WAIVED];
  const row = (folder: string, paths: readonly TestedPath[], before: Counts | 'new' | undefined) => ({
    folder,
    cells: columns.map((column) => cellOf(column, paths, before)),
  });
  const beforeOf = (folder: string) => (base && Object.hasOwn(base, folder) ? base[folder] : undefined);
  return {
    head: columns.map(({ title }) => title),
    rows: [
      ...groupByFolder(tested).map(([folder, paths]) => row(folder, paths, beforeOf(folder) ?? (base && 'new'))),
      row('all', tested, base && sumCounts(Object.values(base))),
    ],
  };
}

/** The table by folder for a terminal. */
export function textTable(result: ExceptionResult): string {
  const { head, rows } = folderTable(result);
  const texts = [['Folder', ...head], ...rows.map(({ folder, cells }) => [folder, ...cells.map(cellText)])];
  const widths = texts[0]?.map((_, at) => Math.max(...texts.map((row) => row[at]?.length ?? 0))) ?? [];
  const lines = texts.map((row) =>
    row.map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))).join('  '),
  );
  const rule = '─'.repeat(lines[0]?.length ?? 0);
  return `${[lines[0], rule, ...lines.slice(1, -1), rule, lines.at(-1)].join('\n')}\n`;
}

/** The table by folder in Markdown, its total in bold. */
export function markdownFolderTable(result: ExceptionResult): string {
  const { head, rows } = folderTable(result);
  const texts = rows.map(({ folder, cells }) => [plain(folder), ...cells.map(cellText)]);
  const total = texts.at(-1)?.map((text) => `**${text}**`) ?? [];
  const align = ['l', ...head.map(() => 'r')];
  return `${markdownTable([['Folder', ...head], ...texts.slice(0, -1), total], { align, alignDelimiters: false })}\n`;
}

/** `40 (97 %) ▲ 3` */
export function cellText({ count, share, trend }: Cell): string {
  return [count, share === undefined ? undefined : `(${share})`, trend].filter((part) => part !== undefined).join(' ');
}

function cellOf({ key, isShare }: Column, paths: readonly TestedPath[], before: Counts | 'new' | undefined): Cell {
  const count = key === undefined ? paths.filter(isAsserted).length : countAll(paths)[key];
  return {
    count,
    share: isShare ? percent(count, paths.length) : undefined,
    trend: before === undefined || key === undefined ? undefined : trendOf(key, count, before),
  };
}

function trendOf(key: keyof Counts, count: number, before: Counts | 'new'): string | undefined {
  // A folder that was not there before has nothing to compare; once in the row is enough.
  if (before === 'new') return key === 'paths' ? 'new' : undefined;
  const change = count - before[key];
  return change === 0 ? '±0' : `${change > 0 ? '▲' : '▼'} ${Math.abs(change)}`;
}
