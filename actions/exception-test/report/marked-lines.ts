import type { TestedPath } from '../result.ts';

/** A piece of a line, and the innermost path that it belongs to. */
export interface Piece {
  text: string;
  path?: TestedPath | undefined;
}

/** The lines of a source, each cut where one path begins or ends; what is nested belongs to the inner path. */
export function markLines(source: string, paths: readonly TestedPath[]): Piece[][] {
  // An outer path comes before what is in it, so that the inner one is painted over it.
  const inOrder = paths.toSorted((a, b) => comparePlaces(a.start, b.start) || comparePlaces(b.end, a.end));
  return linesOf(source).map((text, at) => {
    const here = inOrder.filter(({ start, end }) => start.line <= at + 1 && at + 1 <= end.line);
    return here.length === 0 ? [{ text }] : cutLine(text, at + 1, here);
  });
}

/** Lines as TypeScript counts them. A line feed at the end begins no line of its own. */
export function linesOf(source: string): string[] {
  const lines = source.split(/\r\n|[\n\r\u2028\u2029]/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function cutLine(text: string, line: number, paths: readonly TestedPath[]): Piece[] {
  const indent = text.length - text.trimStart().length;
  const owners = new Array<TestedPath | undefined>(text.length).fill(undefined);
  for (const path of paths) {
    const from = path.start.line === line ? path.start.column - 1 : indent;
    owners.fill(path, from, path.end.line === line ? path.end.column - 1 : text.length);
  }
  const pieces: Piece[] = [];
  let from = 0;
  for (let to = 1; to <= text.length; to += 1) {
    if (to < text.length && owners[to] === owners[from]) continue;
    pieces.push({ text: text.slice(from, to), path: owners[from] });
    from = to;
  }
  return pieces;
}

function comparePlaces(a: TestedPath['start'], b: TestedPath['start']): number {
  return a.line - b.line || a.column - b.column;
}
