/* global devicePixelRatio */
import { colour, font } from './chart-look.js';

const LANES = 3;
const LANE_HEIGHT = 17;

/** Seconds since 1970 of a day `YYYY-MM-DD`, as uPlot wants them. */
export function secondsOf(day) {
  return Date.parse(`${day}T00:00:00Z`) / 1000;
}

/** What is drawn into the charts; the table below them has the rest. */
export function shownMarks({ marks }) {
  return marks.filter(({ kind }) => kind === 'promoted' || kind === 'drift');
}

/** Shades the days that are over but whose outcome is still open, so that an empty stretch has a reason. */
export function drawPending(plot, report) {
  const { from, right } = pendingStretch(plot, report);
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour('pending');
  ctx.fillRect(from, bbox.top, right - from, bbox.height);
  ctx.restore();
}

/** Says what the shade means. Drawn last and on a ground of its own, as marks may cross it. */
export function namePending(plot, report) {
  const { from, right } = pendingStretch(plot, report);
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const text = 'not known yet';
  ctx.save();
  ctx.font = font(ratio);
  const width = ctx.measureText(text).width + 8 * ratio;
  if (width < right - from) {
    const middle = (from + right) / 2;
    const y = bbox.top + bbox.height - 16 * ratio;
    ctx.fillStyle = colour('card');
    ctx.fillRect(middle - width / 2, y - 9 * ratio, width, 18 * ratio);
    ctx.fillStyle = colour('quiet');
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(text, middle, y);
  }
  ctx.restore();
}

/** A line for each mark, with its label above the plot. */
export function drawMarks(plot, report) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = font(ratio, true);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.lineWidth = ratio;
  for (const { x, middle, lane, label, drifted } of placeLabels(plot, report)) {
    ctx.fillStyle = ctx.strokeStyle = colour(drifted ? 'bad' : 'good');
    const y = bbox.top - ((lane + 0.5) * LANE_HEIGHT + 3) * ratio;
    if (lane >= 0) ctx.fillText(label, middle, y);
    ctx.globalAlpha = 0.55;
    ctx.setLineDash(drifted ? [] : [4 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, lane < 0 ? bbox.top : y + (LANE_HEIGHT / 2) * ratio);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
  ctx.restore();
}

// A label that would touch its neighbour goes a lane higher; where the third is taken too (−1), the line has none.
function placeLabels(plot, report) {
  const { ctx, bbox } = plot;
  const ends = Array.from({ length: LANES }, () => Number.NEGATIVE_INFINITY);
  const marks = shownMarks(report).toSorted((a, b) => secondsOf(a.day) - secondsOf(b.day));
  return marks.map(({ day, kind, version }) => {
    const label = kind === 'drift' ? 'drift' : version;
    const x = plot.valToPos(secondsOf(day), 'x', true);
    const half = ctx.measureText(label).width / 2;
    const middle = Math.min(Math.max(x, bbox.left + half), bbox.left + bbox.width - half);
    const lane = ends.findIndex((end) => end < middle - half);
    if (lane >= 0) ends[lane] = middle + half + 6 * devicePixelRatio;
    return { x, middle, lane, label, drifted: kind === 'drift' };
  });
}

function pendingStretch({ bbox, valToPos }, { days }) {
  const right = bbox.left + bbox.width;
  return { from: Math.min(valToPos(secondsOf(days.at(-1).day), 'x', true), right), right };
}
