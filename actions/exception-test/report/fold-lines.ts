/** Lines of a source, from 1, both ends included. */
export interface LineRange {
  from: number;
  to: number;
  isFolded: boolean;
}

/** Lines kept around what is shown. */
const CONTEXT = 3;
/** Fewer lines are not worth a click. */
const MIN_FOLDED = 6;

/** Cuts a source into ranges, in order and without a gap: what is to be shown with some lines around it, and the rest folded. */
export function foldLines(lineCount: number, isShown: (line: number) => boolean): LineRange[] {
  const lines = Array.from({ length: lineCount }, (_, at) => at + 1);
  const shown = lines.filter(isShown);
  const near = new Set(shown.flatMap((line) => lines.slice(Math.max(0, line - 1 - CONTEXT), line + CONTEXT)));
  const ranges: LineRange[] = [];
  for (const line of lines) {
    const isFolded = !near.has(line);
    const last = ranges.at(-1);
    if (last?.isFolded === isFolded) last.to = line;
    else ranges.push({ from: line, to: line, isFolded });
  }
  for (const range of ranges) range.isFolded &&= range.to - range.from + 1 >= MIN_FOLDED;
  return joinRanges(ranges);
}

function joinRanges(ranges: readonly LineRange[]): LineRange[] {
  const joined: LineRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last?.isFolded === range.isFolded) last.to = range.to;
    else joined.push({ ...range });
  }
  return joined;
}
