import type { ExceptionResult, Failure, TestedPath } from '../result.ts';
import { foldLines, type LineRange } from './fold-lines.ts';
import { escapeHtml } from './html.ts';
import { markLines, type Piece } from './marked-lines.ts';
import { noteOnFailure, noteOnPath } from './page-note.ts';
import { pathFinder } from './path-of-failure.ts';
import { PATH_STATES, STATE_LOOKS, stateOf, type PathState } from './state.ts';

/** A file of the page. */
export interface PageFile {
  file: string;
  paths: readonly TestedPath[];
  failures: readonly Failure[];
  /** Undefined where it could not be read: its paths are told without it. */
  source: string | undefined;
  /** Whether lines far from a path are there too, folded. */
  isWhole: boolean;
}

type Level = ExceptionResult['level'];

/** A file with its source, the paths coloured in it; what is said of a path opens at the line in which it begins. */
export function fileSection({ file, paths, failures, source, isWhole }: PageFile, level: Level): string {
  const notes = notesByLine(paths, failures, level);
  const lines = source === undefined ? [] : markLines(source, paths);
  const isShown = (line: number) => notes.has(line) || lines[line - 1]?.some(({ path }) => path !== undefined) === true;
  const body = foldLines(lines.length, isShown)
    .map((range) => (range.isFolded && !isWhole ? leftOut(range) : rangeOf(range, lines, notes, level)))
    .join('');
  // A failure of a place that the source does not have, or of a file that could not be read.
  const homeless = [...notes].filter(([line]) => line < 1 || line > lines.length);
  const above = homeless.flatMap(([line, its]) => its.map((note) => ({ ...note, line })));
  const missing = source === undefined ? '<p class="missing">The source is not at hand.</p>' : '';
  return `<details class="file${failures.length > 0 ? ' bad' : ''}" data-file="${escapeHtml(file)}"${failures.length > 0 ? ' open' : ''}>
<summary><h3>${escapeHtml(file)}</h3>${tally(paths, failures, level)}</summary>
${missing}${above.map(({ line, html }) => `<div class="above"><small>Line ${line}</small>${html}</div>`).join('')}<div class="source">${body}</div>
</details>
`;
}

interface Note {
  html: string;
  fails: boolean;
  /** Undefined for a failure of no path. */
  state: PathState | undefined;
}

function notesByLine(paths: readonly TestedPath[], failures: readonly Failure[], level: Level): Map<number, Note[]> {
  const find = pathFinder(paths);
  const ofPath = Map.groupBy(failures, find);
  const entries = [
    ...paths.map((path) => {
      const its = ofPath.get(path) ?? [];
      const note = { html: noteOnPath(path, its, level), fails: its.length > 0, state: stateOf(path, level) };
      return { line: path.start.line, note };
    }),
    ...(ofPath.get(undefined) ?? []).map((failure) => {
      return { line: failure.line, note: { html: noteOnFailure(failure), fails: true, state: undefined } };
    }),
  ];
  const notes = new Map<number, Note[]>();
  for (const { line, note } of entries) notes.set(line, [...(notes.get(line) ?? []), note]);
  return notes;
}

function leftOut({ from, to }: LineRange): string {
  return `<div class="fold">Lines ${from} to ${to}, left out here</div>`;
}

function rangeOf(
  { from, to, isFolded }: LineRange,
  lines: readonly Piece[][],
  notes: ReadonlyMap<number, Note[]>,
  level: Level,
): string {
  const html = lines.slice(from - 1, to).map((pieces, at) => lineOf(pieces, notes.get(from + at), level));
  const block = `<div class="lines" style="counter-reset:line ${from - 1}">${html.join('')}</div>`;
  return isFolded ? `<details class="fold"><summary>Lines ${from} to ${to}</summary>${block}</details>` : block;
}

function lineOf(pieces: readonly Piece[], notes: readonly Note[] | undefined, level: Level): string {
  const owner = pieces.find(({ path }) => path !== undefined)?.path;
  const edge = owner === undefined ? '' : ` class="${letterOf(owner, level)}"`;
  const code = pieces
    .map(({ text, path }) => {
      const html = escapeHtml(text);
      return path === undefined ? html : `<mark class="${letterOf(path, level)}">${html}</mark>`;
    })
    .join('');
  if (notes === undefined) return `<div${edge}>${code}</div>`;
  const fails = notes.some((note) => note.fails);
  const marks = notes.map(({ state }) => markOf(state)).join('');
  return `<details${edge}${fails ? ' open' : ''}><summary><span class="marks">${marks}</span>${code}</summary>${notes.map(({ html }) => html).join('')}</details>`;
}

function markOf(state: PathState | undefined): string {
  if (state === undefined) return '<b class="X" title="failure">!</b>';
  const { letter, label } = STATE_LOOKS[state];
  return `<b class="${letter}" title="${label}">${letter}</b>`;
}

function letterOf(path: TestedPath, level: Level): string {
  return STATE_LOOKS[stateOf(path, level)].letter;
}

function tally(paths: readonly TestedPath[], failures: readonly Failure[], level: Level): string {
  const states = paths.map((path) => stateOf(path, level));
  const chips = PATH_STATES.flatMap((state) => {
    const count = states.filter((its) => its === state).length;
    const { letter, label } = STATE_LOOKS[state];
    return count === 0 ? [] : [`<span class="${letter}" title="${count} ${label}"><b>${letter}</b> ${count}</span>`];
  });
  const failing = failures.length === 0 ? '' : `<strong>${failures.length} failing</strong>`;
  return `<span class="tally">${failing}${chips.join('')}</span>`;
}
