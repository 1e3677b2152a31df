import { readFile } from 'node:fs/promises';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

const ASSETS: ReadonlyMap<string, { url: string; type: string }> = new Map([
  ['admin.css', own('admin.css', STYLE)],
  ['icon.svg', own('icon.svg', 'image/svg+xml')],
  ['admin.js', own('admin.js', SCRIPT)],
  ['charts.js', own('charts.js', SCRIPT)],
  ['chart-look.js', own('chart-look.js', SCRIPT)],
  ['chart-marks.js', own('chart-marks.js', SCRIPT)],
  // uPlot comes from the installed package, so that the page needs no other server.
  ['uplot.css', { url: import.meta.resolve('uplot/dist/uPlot.min.css'), type: STYLE }],
  ['uplot.js', { url: import.meta.resolve('uplot/dist/uPlot.iife.min.js'), type: SCRIPT }],
]);

/** A file that the page loads, with its content type; undefined when it is none of them. */
export async function readAsset(name: string): Promise<{ content: string; type: string } | undefined> {
  const asset = ASSETS.get(name);
  if (asset === undefined) return undefined;
  return { content: await readFile(new URL(asset.url), 'utf8'), type: asset.type };
}

function own(name: string, type: string): { url: string; type: string } {
  return { url: new URL(name, import.meta.url).href, type };
}
