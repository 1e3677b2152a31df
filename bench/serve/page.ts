import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { markdownTable } from 'markdown-table';
import { format } from 'prettier';
import type { Machine } from './machine.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PAGE = path.join(ROOT, 'docs', 'benchmarks.md');

const EMPTY = `# Benchmarks of the inference server

Each part of this page is written by the command that it names, with \`-- --write\`. Change it there.
`;

/** What one command has measured, for people. */
export interface Section {
  /** The npm script, by which the section is found again. */
  command: string;
  title: string;
  machine: Machine;
  date: string;
  /** Paragraphs and tables, in their order. */
  parts: readonly string[];
}

/** Replaces the section of its command in docs/benchmarks.md, or puts it at the end. */
export async function writeSection(section: Section): Promise<void> {
  const old = await readFile(PAGE, 'utf8').catch(() => EMPTY);
  const text = await format(withSection(old, section.command, sectionText(section)), {
    parser: 'markdown',
    ...{ printWidth: 120, proseWrap: 'preserve' },
  });
  await writeFile(PAGE, text);
}

/** The page with the text between the marks of a command, whatever was there before. */
export function withSection(page: string, command: string, text: string): string {
  const [begin, end] = [`<!-- ${command} -->`, `<!-- end of ${command} -->`];
  const marked = `${begin}\n\n${text}\n\n${end}`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${marked}\n`;
  return page.slice(0, from) + marked + page.slice(to + end.length);
}

function sectionText({ command, title, machine, date, parts }: Section): string {
  const where = `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, Linux ${machine.kernel}, Node ${machine.node.slice(1)}`;
  return [`## ${title}`, `\`npm run ${command}\`, ${date}, on ${where}.`, ...parts].join('\n\n');
}

/** A table whose first column is text and the others figures. */
export function figuresTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head, ...rows], { align: head.map((_, column) => (column === 0 ? 'l' : 'r')) });
}

/** A figure in three digits at least, for a table. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return Number(value.toPrecision(3)).toString();
}

/** `median (min–max)`. */
export function spreadText({ min, median, max }: { min: number; median: number; max: number }): string {
  return `${shortNumber(median)} (${shortNumber(min)}–${shortNumber(max)})`;
}
