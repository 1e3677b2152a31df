import type { DayOutcome } from '../../pipelines/core/report.ts';

/** More points than this run into each other in the width that GitHub gives a chart. */
export const MAX_POINTS = 40;
/** Between two days that are written below the axis. */
const MIN_LABEL_GAP = 5;

/** Bars of what came true and a line of what was predicted, for the last days; Mermaid, which GitHub draws. */
export function outcomeChart(days: readonly DayOutcome[]): string {
  const shown = days.slice(-MAX_POINTS);
  const actual = shown.map((day) => day.actual);
  const predicted = shown.map((day) => day.predicted);
  return chart(
    shown,
    [0, Math.max(...actual, ...predicted)],
    [
      ['bar', actual],
      ['line', predicted],
    ],
  );
}

/** A line of the AUC on the last days that have one. */
export function aucChart(days: readonly DayOutcome[]): string {
  const shown = days.filter((day) => day.auc !== undefined).slice(-MAX_POINTS);
  const aucs = shown.map((day) => day.auc ?? 0);
  return chart(shown, [Math.min(...aucs), Math.max(...aucs)], [['line', aucs]]);
}

type Plot = [kind: 'bar' | 'line', values: readonly number[]];

function chart(days: readonly DayOutcome[], [low, high]: [number, number], plots: readonly Plot[]): string {
  // Some room, and a range where all values are alike.
  const room = Math.max((high - low) * 0.1, 0.005);
  const bottom = low === 0 ? 0 : Math.max(0, low - room);
  const labels = axisLabels(days).map((label) => `"${label}"`);
  return [
    '```mermaid',
    lookOf(plots),
    'xychart-beta',
    `  x-axis [${labels.join(', ')}]`,
    `  y-axis ${number(bottom)} --> ${number(high + room)}`,
    ...plots.map(([kind, values]) => `  ${kind} [${values.map(number).join(', ')}]`),
    '```',
    '',
  ].join('\n');
}

/** Lower than by default, and in colours that are seen in GitHub's light and dark theme. */
function lookOf(plots: readonly Plot[]): string {
  const colours = plots.map(([kind]) => (kind === 'bar' ? '#a5d6ff' : '#bc4c00')).join(', ');
  return `---
config:
  xyChart:
    width: 900
    height: 280
  themeVariables:
    xyChart:
      backgroundColor: transparent
      plotColorPalette: "${colours}"
---`;
}

/** The first day of each version and, where that leaves room, more days; the others have no text that is seen. */
function axisLabels(days: readonly DayOutcome[]): string[] {
  const isChange = days.map(({ version }, at) => at > 0 && days[at - 1]?.version !== version);
  let last = -MIN_LABEL_GAP;
  return days.map(({ day, version }, at) => {
    const next = isChange.indexOf(true, at + 1);
    const isNear = next !== -1 && next - at < MIN_LABEL_GAP;
    // Mermaid takes labels that are alike for one place on the axis, so that each must be another.
    if (at - last < MIN_LABEL_GAP || (isNear && !isChange[at])) return '\u200b'.repeat(at + 1);
    last = at;
    return isChange[at] || at === 0 ? `${day.slice(5)} ${version}` : day.slice(5);
  });
}

/** Mermaid reads no exponents. */
function number(value: number): string {
  return Number(value.toFixed(4)).toString();
}
