/* global document, ResizeObserver, uPlot */
import { colour, font } from './chart-look.js';
import { drawMarks, drawPending, namePending, secondsOf, shownMarks } from './chart-marks.js';

const DAY_SECONDS = 86_400;
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const percentOf = (share) => (share === null ? '–' : `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`);
const figureOf = (value) => (value === null ? '–' : value.toFixed(3));
const dayOf = (seconds) => (seconds === null ? '–' : new Date(seconds * 1000).toISOString().slice(0, 10));

const charts = [
  {
    id: 'rates',
    factor: 100,
    unit: ' %',
    series: [
      { label: 'Predicted', colour: 'predicted', text: percentOf, of: (day) => day.predicted },
      { label: 'Actual', colour: 'actual', text: percentOf, of: (day) => day.actual },
    ],
  },
  {
    id: 'auc',
    factor: 1,
    unit: '',
    series: [{ label: 'AUC', colour: 'predicted', text: figureOf, of: (day) => day.auc ?? null }],
  },
];
let report;

/** Draws a report, into the charts that are there or new ones. */
export function drawCharts(newReport) {
  report = newReport;
  const section = document.getElementById('charts');
  section.hidden = report.days.length === 0;
  if (section.hidden) return;
  for (const chart of charts) {
    const days = report.days.map(({ day }) => secondsOf(day));
    const data = [days, ...chart.series.map(({ of }) => report.days.map(of))];
    if (chart.plot) chart.plot.setData(data);
    else makeChart(chart, data);
  }
}

/** Takes the charts away, so that the next drawing has today's colours. */
export function forgetCharts() {
  for (const chart of charts) {
    chart.observer?.disconnect();
    chart.plot?.destroy();
    chart.plot = undefined;
  }
}

function makeChart(chart, data) {
  const box = document.getElementById(`chart-${chart.id}`);
  chart.plot = new uPlot(optionsOf(chart, box), data, box);
  chart.observer = new ResizeObserver(() => chart.plot.setSize(sizeOf(box)));
  chart.observer.observe(box);
}

function sizeOf(box) {
  return { width: box.clientWidth, height: box.clientWidth < 500 ? 230 : 280 };
}

function optionsOf(chart, box) {
  return {
    ...sizeOf(box),
    // Above the plot stand the labels of the marks.
    padding: [60, 12, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'days' } },
    scales: { x: { range: timeRange } },
    axes: axesOf(chart),
    series: [{ label: 'Day', value: (_, seconds) => dayOf(seconds) }, ...chart.series.map(seriesOf)],
    hooks: {
      drawClear: [(plot) => drawPending(plot, report)],
      draw: [(plot) => drawMarks(plot, report), (plot) => namePending(plot, report)],
    },
  };
}

function axesOf({ factor, unit }) {
  const look = {
    stroke: colour('quiet'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { show: false },
    font: font(1),
  };
  return [
    {
      ...look,
      size: 32,
      space: 70,
      incrs: [1, 2, 7, 14, 30, 60, 90, 180, 365].map((days) => days * DAY_SECONDS),
      values: (_, splits) => splits.map((seconds) => shortDay.format(seconds * 1000)),
    },
    { ...look, size: 58, values: (_, splits) => axisTexts(splits, factor, unit) },
  ];
}

// As many decimals as the steps between the axis's values need.
function axisTexts(splits, factor, unit) {
  const step = splits.length > 1 ? (splits[1] - splits[0]) * factor : 1;
  const decimals = [0, 1, 2, 3].find((count) => Math.abs(step - Number(step.toFixed(count))) < step / 100) ?? 4;
  return splits.map((value) => `${(value * factor).toFixed(decimals)}${unit}`);
}

function seriesOf({ label, colour: name, text }) {
  return { label, stroke: colour(name), width: 2, value: (_, value) => text(value) };
}

function timeRange() {
  const days = [...report.days, ...shownMarks(report)].map(({ day }) => day).sort();
  const last = days.at(-1) > report.asOf ? days.at(-1) : report.asOf;
  return [secondsOf(days[0]), Math.max(secondsOf(last), secondsOf(days[0]) + DAY_SECONDS)];
}
