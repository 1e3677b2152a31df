import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { readAsset } from '../admin/assets.ts';
import { type AdminPage, adminPage } from '../admin/page.ts';
import { unknownRoute } from '../error-response.ts';
import type { ReportFiles } from '../report-files.ts';
import type { ServedModels } from '../models/served-models.ts';

/** The manager's page `/admin[/:model]`, its data `/reports/:model` (a `ModelReport`) and its files `/assets/:file`. */
export function adminRoutes(models: ServedModels, reports: ReportFiles): Hono {
  const names = async () =>
    [...new Set([...models.statuses().map(({ model }) => model), ...(await reports.names())])].sort();
  const routes = new Hono();
  routes
    .get('/admin', etag(), async (context) => {
      const known = await names();
      return await context.html(adminPage(await pageOf(models, reports, known, known[0])));
    })
    .get('/assets/:file', etag(), async (context) => {
      const asset = await readAsset(context.req.param('file'));
      if (asset === undefined) throw unknownRoute(context);
      return context.body(asset.content, 200, { 'content-type': asset.type, 'cache-control': 'no-cache' });
    })
    .get('/reports/:model', etag(), async (context) => {
      const model = context.req.param('model');
      const report = await reports.read(model);
      if (report === undefined) throw missing(model, await names());
      return context.json(report, 200, { 'cache-control': 'no-cache' });
    })
    .get('/admin/:model', etag(), async (context) => {
      const model = context.req.param('model');
      const known = await names();
      if (!known.includes(model)) throw missing(model, known);
      return await context.html(adminPage(await pageOf(models, reports, known, model)));
    });
  return routes;
}

async function pageOf(models: ServedModels, reports: ReportFiles, known: string[], model?: string): Promise<AdminPage> {
  if (model === undefined) return { models: known, championServed: false };
  const status = models.statuses().find((each) => each.model === model);
  const page: AdminPage = {
    model,
    models: known,
    serving: status?.serving?.version,
    championServed: status?.serving !== undefined && status.problem === undefined,
  };
  try {
    return { ...page, report: await reports.read(model) };
  } catch (error) {
    if (!(error instanceof CleaverError)) throw error;
    return { ...page, problem: { message: 'The report cannot be read.', hint: `${error.message} ${error.hint}` } };
  }
}

function missing(model: string, known: readonly string[]): CleaverError {
  if (known.includes(model)) {
    return new CleaverError('REPORT_MISSING', `There is no report on ${model} yet.`, {
      hint: `Run: npx cleaver report --model ${model}`,
    });
  }
  return new CleaverError('MODEL_UNKNOWN', `There is no model ${JSON.stringify(model)}.`, {
    hint: known.length === 0 ? 'Run: npx cleaver loop' : `There are: ${known.join(', ')}.`,
  });
}
