import { Hono } from 'hono';
import { z } from 'zod';
import { encodeRows } from '../../pipelines/core/features.ts';
import { checkRows } from '../feature-rows.ts';
import { readBody } from '../request-body.ts';
import type { Metrics } from '../metrics.ts';
import type { ServedModels } from '../served-models.ts';

const predictBody = z
  .strictObject({ rows: z.array(z.unknown()).optional(), row: z.unknown().optional() })
  .refine((body) => (body.rows === undefined) !== (body.row === undefined), 'give either "rows" or "row"');

/** `POST /predict/:model` with `{"rows": [{feature: value, …}]}` or `{"row": {…}}`: scores in the same order. */
export function predictRoutes(models: ServedModels, metrics: Metrics): Hono {
  const routes = new Hono();
  routes.post('/:model', async (context) => {
    const body = await readBody(context, predictBody, '{"rows": [{"feature": 1}]}');
    return await models.use(context.req.param('model'), async (loaded) => {
      const { version } = loaded;
      const rows =
        body.rows === undefined
          ? checkRows(version.features, [body.row], () => 'row')
          : checkRows(version.features, body.rows, (index) => `rows[${index}]`);
      const scores = await loaded.score(encodeRows(version, rows), rows.length);
      metrics.rows(version.model, version.version, rows.length);
      const predictions = Array.from(scores, (score) => ({ score }));
      return context.json({ model: version.model, version: version.version, predictions });
    });
  });
  return routes;
}
