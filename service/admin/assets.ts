import { readFile } from 'node:fs/promises';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

// uPlot comes from the installed package, so that the page needs no other server.
const ASSETS: ReadonlyMap<string, { url: string; type: string }> = new Map([
  ['admin.css', { url: new URL('admin.css', import.meta.url).href, type: STYLE }],
  ['admin.js', { url: new URL('admin.js', import.meta.url).href, type: SCRIPT }],
  ['icon.svg', { url: new URL('icon.svg', import.meta.url).href, type: 'image/svg+xml' }],
  ['uplot.css', { url: import.meta.resolve('uplot/dist/uPlot.min.css'), type: STYLE }],
  ['uplot.js', { url: import.meta.resolve('uplot/dist/uPlot.iife.min.js'), type: SCRIPT }],
]);

/** A file that the page loads, with its content type; undefined when it is none of them. */
export async function readAsset(name: string): Promise<{ content: string; type: string } | undefined> {
  const asset = ASSETS.get(name);
  if (asset === undefined) return undefined;
  return { content: await readFile(new URL(asset.url), 'utf8'), type: asset.type };
}
