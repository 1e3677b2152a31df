import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ExceptionResult } from '../result.ts';
import { sortFailures } from './failures.ts';
import { escapeHtml } from './html.ts';
import { fileSection, type PageFile } from './page-file.ts';
import { noteOnFailure } from './page-note.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PATH_STATES, STATE_LOOKS } from './state.ts';
import { headline } from './summary.ts';
import { folderTable, type FolderTable } from './table.ts';

/** The text of a file, by a function or a record; undefined where it cannot be read. */
export type Sources = ((file: string) => string | undefined) | Readonly<Record<string, string>>;

export interface PageOptions {
  /** Whose error paths these are, for the title. */
  title?: string | undefined;
  /** A line at the end, such as the commit and the day. */
  footer?: string | undefined;
}

/** With more source than this in characters, lines far from a path are left out, so that a browser opens the page at once. */
const MAX_WHOLE_LENGTH = 1_000_000;

const STYLE = readFileSync(new URL('page.css', import.meta.url), 'utf8');

/** The result as one HTML page that asks for nothing else, with the source of each file that has a path or a failure. */
export function htmlPage(result: ExceptionResult, sources: Sources, options: PageOptions = {}): string {
  const { title = 'Error paths', footer = '' } = options;
  const table = folderTable(result);
  const ofAll = result.failures.filter(({ file }) => file === '');
  const hash = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; img-src data:">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="${result.failures.length === 0 ? 'good' : 'bad'}">
<h1>${escapeHtml(title)}</h1>
<p class="verdict">${result.failures.length === 0 ? '✓' : '✗'} ${headline(result)}.</p>
${totals(table)}
${ofAll.map(noteOnFailure).join('\n')}
</header>
<main>
<h2>Folders</h2>
${htmlTable(table)}
<h2>Files</h2>
${legend(result.level)}
<p class="tools"><label><input type="checkbox" id="failing"> Only files with a failure</label>
<span id="tools" hidden><label>Name <input type="search" id="name"></label> <button type="button" id="open">Open all</button> <button type="button" id="close">Close all</button></span></p>
${pageFiles(result, sources)
  .map((file) => fileSection(file, result.level))
  .join('')}</main>
<footer>Level ${result.level}${escapeHtml(timing(result))}${footer === '' ? '' : ` · ${escapeHtml(footer)}`}</footer>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** Files with a path or a failure, those with a failure first, otherwise by name. */
function pageFiles({ tested, failures }: ExceptionResult, sources: Sources): PageFile[] {
  const paths = Map.groupBy(tested, ({ file }) => file);
  const failed = Map.groupBy(sortFailures(failures), ({ file }) => file);
  const names = [...new Set([...paths.keys(), ...failed.keys()])].filter((file) => file !== '').sort();
  const files = [...names.filter((file) => failed.has(file)), ...names.filter((file) => !failed.has(file))].map(
    (file) => ({
      file,
      paths: paths.get(file) ?? [],
      failures: failed.get(file) ?? [],
      source: sourceOf(sources, file),
    }),
  );
  const length = files.reduce((sum, { source = '' }) => sum + source.length, 0);
  return files.map((file) => ({ ...file, isWhole: length <= MAX_WHOLE_LENGTH }));
}

function sourceOf(sources: Sources, file: string): string | undefined {
  if (typeof sources === 'function') return sources(file);
  return Object.hasOwn(sources, file) ? sources[file] : undefined;
}

function totals({ head, rows }: FolderTable): string {
  const tiles = rows.at(-1)?.cells.map((cell, at) => {
    const aside = [cell.share, cell.trend].filter((part) => part !== undefined).join(' ');
    return `<div><dt>${head[at] ?? ''}</dt><dd>${cell.count} <small>${aside}</small></dd></div>`;
  });
  return `<dl class="totals">${tiles?.join('') ?? ''}</dl>`;
}

function htmlTable({ head, rows }: FolderTable): string {
  const body = rows.map(({ folder, cells }, at) => {
    const texts = cells.map((cell) => {
      const bar =
        cell.share === undefined ? '' : ` class="share" style="--bar:${(Number.parseInt(cell.share) || 0) / 100}"`;
      return `<td${bar}>${cell.count}${aside(cell.share)}${aside(cell.trend, 'trend')}</td>`;
    });
    const tag = at === rows.length - 1 ? ' class="total"' : '';
    return `<tr${tag}><th scope="row">${escapeHtml(folder)}</th>${texts.join('')}</tr>`;
  });
  const titles = ['Folder', ...head].map((title) => `<th scope="col">${title}</th>`);
  return `<div class="wide" tabindex="0" role="region" aria-label="Folders"><table><thead><tr>${titles.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

function aside(text: string | undefined, name?: string): string {
  return text === undefined ? '' : ` <i${name === undefined ? '' : ` class="${name}"`}>${text}</i>`;
}

function legend(level: ExceptionResult['level']): string {
  const ofMutations = ['asserted', 'survivor', 'not-tried'];
  const shown = PATH_STATES.filter((state) => level > 1 || !ofMutations.includes(state));
  const items = shown.map((state) => {
    const { letter, label, meaning } = STATE_LOOKS[state];
    return `<li><b class="${letter}">${letter}</b><span><mark class="${letter}">${label}</mark> ${meaning}</span></li>`;
  });
  return `<ul class="legend">${items.join('')}<li><b class="X">!</b><span>failure of a line where no path begins</span></li></ul>`;
}

function timing({ seconds }: ExceptionResult): string {
  const all = Object.values(seconds).reduce((sum, its) => sum + its, 0);
  return all === 0 ? '' : ` · ${Math.round(all)} s`;
}
