/* global document, location, fetch, DOMParser, ResizeObserver, setTimeout, getComputedStyle, matchMedia, devicePixelRatio, uPlot */

// Runs in the manager's browser: draws the two charts and keeps the page up to date.
(() => {
  'use strict';

  const REFRESH_MS = 3000;
  const DAY_SECONDS = 86_400;
  const LANES = 3;
  const LANE_HEIGHT = 17;

  const model = document.body.dataset.model;
  const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const secondsOf = (day) => Date.parse(`${day}T00:00:00Z`) / 1000;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const percent = (share) => (share === null ? '–' : `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`);
  const figure = (value) => (value === null ? '–' : value.toFixed(3));

  const charts = [
    {
      id: 'rates',
      factor: 100,
      unit: ' %',
      series: [
        { label: 'Predicted', colour: 'predicted', text: percent, of: (day) => day.predicted },
        { label: 'Actual', colour: 'actual', text: percent, of: (day) => day.actual },
      ],
    },
    {
      id: 'auc',
      factor: 1,
      unit: '',
      series: [{ label: 'AUC', colour: 'predicted', text: figure, of: (day) => day.auc ?? null }],
    },
  ];
  let report;
  let tag;

  function draw() {
    const section = document.getElementById('charts');
    section.hidden = !report || report.days.length === 0;
    if (section.hidden) return;
    for (const chart of charts) {
      const data = [report.days.map(({ day }) => secondsOf(day)), ...chart.series.map(({ of }) => report.days.map(of))];
      if (chart.plot) chart.plot.setData(data);
      else make(chart, data);
    }
  }

  function make(chart, data) {
    const box = document.getElementById(`chart-${chart.id}`);
    box.replaceChildren();
    chart.plot = new uPlot(options(chart, box), data, box);
    chart.observer?.disconnect();
    chart.observer = new ResizeObserver(() => chart.plot.setSize(sizeOf(box)));
    chart.observer.observe(box);
  }

  function sizeOf(box) {
    return { width: box.clientWidth, height: box.clientWidth < 500 ? 230 : 280 };
  }

  function options(chart, box) {
    const axis = {
      stroke: colour('quiet'),
      grid: { stroke: colour('grid'), width: 1 },
      ticks: { show: false },
      font: font(),
    };
    return {
      ...sizeOf(box),
      padding: [LANES * LANE_HEIGHT + 8, 12, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'days' } },
      scales: { x: { range: timeRange } },
      axes: [
        {
          ...axis,
          size: 32,
          space: 70,
          incrs: [1, 2, 7, 14, 30, 60, 90, 180, 365].map((days) => days * DAY_SECONDS),
          values: (_, splits) => splits.map((seconds) => shortDay.format(seconds * 1000)),
        },
        {
          ...axis,
          size: 58,
          values: (_, splits) => axisTexts(splits, chart.factor, chart.unit),
        },
      ],
      series: [
        {
          label: 'Day',
          value: (_, seconds) => (seconds === null ? '–' : new Date(seconds * 1000).toISOString().slice(0, 10)),
        },
        ...chart.series.map(({ label, colour: name, text }) => ({
          label,
          stroke: colour(name),
          width: 2,
          points: { show: report.days.length < 20 },
          value: (_, value) => text(value),
        })),
      ],
      hooks: { drawClear: [drawPending], draw: [drawMarks, namePending] },
    };
  }

  // As many decimals as the steps between the axis's values need.
  function axisTexts(splits, factor, unit) {
    const step = splits.length > 1 ? (splits[1] - splits[0]) * factor : 1;
    const decimals = [0, 1, 2, 3].find((count) => Math.abs(step - Number(step.toFixed(count))) < step / 100) ?? 4;
    return splits.map((value) => `${(value * factor).toFixed(decimals)}${unit}`);
  }

  function font(bold) {
    return `${bold ? '600 ' : ''}12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
  }

  function shownMarks() {
    return report.marks.filter(({ kind }) => kind === 'promoted' || kind === 'drift');
  }

  function timeRange() {
    const days = [...report.days, ...shownMarks()].map(({ day }) => day).sort();
    const last = days.at(-1) > report.asOf ? days.at(-1) : report.asOf;
    return [secondsOf(days[0]), Math.max(secondsOf(last), secondsOf(days[0]) + DAY_SECONDS)];
  }

  // Days that are over but whose outcome is still open: shaded, so that an empty stretch has a reason.
  function drawPending(plot) {
    const { ctx, bbox } = plot;
    const from = plot.valToPos(secondsOf(report.days.at(-1).day), 'x', true);
    const right = bbox.left + bbox.width;
    if (right - from < 1) return;
    ctx.save();
    ctx.fillStyle = colour('pending');
    ctx.fillRect(from, bbox.top, right - from, bbox.height);
    ctx.restore();
  }

  // Drawn last, on a ground of its own: marks may cross the shaded stretch.
  function namePending(plot) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const from = plot.valToPos(secondsOf(report.days.at(-1).day), 'x', true);
    const right = bbox.left + bbox.width;
    ctx.save();
    setFont(ctx, false);
    const text = 'not known yet';
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

  // Labels stand above the plot; one that would touch its neighbour goes a lane higher, and none goes past the third.
  function drawMarks(plot) {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const ends = Array.from({ length: LANES }, () => Number.NEGATIVE_INFINITY);
    ctx.save();
    setFont(ctx, true);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const mark of shownMarks().toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
      const x = plot.valToPos(secondsOf(mark.day), 'x', true);
      const label = labelOf(mark);
      const half = ctx.measureText(label).width / 2;
      const middle = Math.min(Math.max(x, bbox.left + half), bbox.left + bbox.width - half);
      const lane = ends.findIndex((end) => end < middle - half);
      ctx.fillStyle = ctx.strokeStyle = colour(mark.kind === 'drift' ? 'bad' : 'good');
      const y = bbox.top - (lane + 0.5) * LANE_HEIGHT * ratio - 3 * ratio;
      if (lane >= 0) {
        ctx.fillText(label, middle, y);
        ends[lane] = middle + half + 6 * ratio;
      }
      ctx.globalAlpha = 0.55;
      ctx.lineWidth = ratio;
      ctx.setLineDash(mark.kind === 'drift' ? [] : [4 * ratio, 4 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, lane < 0 ? bbox.top : y + (LANE_HEIGHT / 2) * ratio);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.globalAlpha = 1;
    }
    ctx.restore();
  }

  function setFont(ctx, bold) {
    ctx.font = font(bold).replace('12px', `${12 * devicePixelRatio}px`);
  }

  function labelOf({ kind, version }) {
    return kind === 'drift' ? 'drift' : version;
  }

  async function refreshData() {
    const response = await fetch(`/admin/data/${encodeURIComponent(model)}`, { cache: 'no-cache' });
    if (!response.ok || response.headers.get('etag') === tag) return;
    tag = response.headers.get('etag');
    report = await response.json();
    draw();
  }

  async function refreshText() {
    const response = await fetch(location.href, { cache: 'no-cache' });
    if (!response.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live]')) {
      const next = fresh.getElementById(part.id);
      if (next && next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
    }
  }

  async function refresh() {
    const connection = document.getElementById('connection');
    try {
      if (!document.hidden) {
        await refreshText();
        if (document.getElementById('figures').childElementCount > 0) await refreshData();
      }
      connection.hidden = true;
    } catch {
      connection.hidden = false;
    }
    setTimeout(refresh, REFRESH_MS);
  }

  function redrawInNewColours() {
    for (const chart of charts) {
      chart.plot?.destroy();
      chart.plot = undefined;
    }
    draw();
  }

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawInNewColours);
  void refresh();
})();
