import { Hono } from 'hono';
import { z } from 'zod';
import { CleaverError } from '../../pipelines/core/errors.ts';
import type { Recorder } from '../record/recorder.ts';
import { parseBody, readText } from '../request/request-body.ts';

const MOST_OUTCOMES = 10_000;

/** What `/outcomes` takes: what became of predictions, by their ids. */
export const outcomesRequest = z
  .strictObject({
    outcomes: z
      .array(
        z
          .strictObject({
            id: z.string().min(1).max(128).meta({ description: 'The id that the prediction was answered with.' }),
            label: z.union([z.literal(0), z.literal(1)]).optional(),
            value: z.number().optional().meta({ description: 'What it was worth, in the unit of the manifest.' }),
          })
          .refine(({ label, value }) => label !== undefined || value !== undefined, 'names neither label nor value')
          .meta({ anyOf: [{ required: ['label'] }, { required: ['value'] }] }),
      )
      .max(MOST_OUTCOMES),
  })
  .meta({ id: 'OutcomesRequest' });

/** `POST /outcomes`: takes down what came true. Errors: REQUEST_INVALID, RECORD_OFF, RECORD_UNAVAILABLE. */
export function outcomeRoutes(recorder: Recorder | undefined, limits: { bodyBytes: number }): Hono {
  const routes = new Hono();
  routes.post('/', async (context) => {
    if (recorder === undefined) throw recordOff();
    const text = await readText(context.req.raw, limits.bodyBytes);
    const { outcomes } = parseBody(text, outcomesRequest, '{"outcomes": [{"id": "…", "label": 1}]}');
    await recorder.outcomes(outcomes, context.get('requestId'));
    return context.json({ accepted: outcomes.length }, 202);
  });
  return routes;
}

function recordOff(): CleaverError {
  return new CleaverError('RECORD_OFF', 'This service keeps no record, so an outcome would be lost.', {
    hint: 'Start it with CLEAVER_RECORD=interval.',
  });
}
