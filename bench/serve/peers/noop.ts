import { setImmediate as nextTick } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/**
 * What hono can do at most on the same way: reads the same JSON, answers after `setImmediate` as rows that are scored
 * together do, in the same shape, and does nothing else.
 */
const app = new Hono();
app.post('/predict/:model', async (context) => {
  const { row } = await context.req.json<{ row: Record<string, number> }>();
  await nextTick();
  const id = '01890a5d-ac96-774b-bcce-b302099a8057';
  return context.json({ model: context.req.param('model'), version: 'v1', predictions: [{ id, score: row['f0'] }] });
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT']) });
