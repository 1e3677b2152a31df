/* global document, location, fetch, DOMParser, setTimeout, matchMedia */
import { drawCharts, forgetCharts } from './charts.js';

// Runs in the manager's browser and keeps the page up to date: texts come from the page made anew by the service,
// charts from the report's data.
const REFRESH_MS = 3000;

let report;
let etag;

async function refresh() {
  const connection = document.getElementById('connection');
  try {
    if (!document.hidden) {
      await refreshText();
      if (document.getElementById('figures').childElementCount > 0) await refreshCharts();
    }
    connection.hidden = true;
  } catch {
    connection.hidden = false;
  }
  setTimeout(refresh, REFRESH_MS);
}

async function refreshText() {
  const response = await fetch(location.href, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  document.body.dataset.model = fresh.body.dataset.model;
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(part.id);
    if (next && next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
  }
}

async function refreshCharts() {
  const address = `/reports/${encodeURIComponent(document.body.dataset.model)}`;
  const response = await fetch(address, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`status ${response.status}`);
  if (response.headers.get('etag') === etag) return;
  report = await response.json();
  etag = response.headers.get('etag');
  drawCharts(report);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  forgetCharts();
  if (report) drawCharts(report);
});
void refresh();
