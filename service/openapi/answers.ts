import { z } from 'zod';

const score = z.number().meta({ description: 'The probability that the model gives.' });
const id = z.string().meta({ description: 'Names the prediction in the record, and when its outcome is told.' });
const entity = z.string().meta({ description: 'Whom the row is about, as the request says.' });
const arm = z.enum(['treated', 'holdout']).meta({ description: 'The arm of the experiment that the entity is in.' });
const model = z.string();
const version = z.string().meta({ description: 'The version that answers.', example: 'v3' });

/** One row's answer. */
export const prediction = z
  .object({ id, score, entity: entity.optional(), arm: arm.optional() })
  .meta({ id: 'Prediction' });
export type Prediction = z.output<typeof prediction>;

/** One row's answer, with what to do. */
export const decision = z
  .object({
    ...{ id, score, entity, arm },
    act: z.boolean().meta({ description: 'False for the held-out arm, which is left alone to compare with.' }),
  })
  .meta({ id: 'Decision' });
export type Decision = z.output<typeof decision>;

/** What `/predict` answers. */
export const predictions = z
  .object({ model, version, predictions: z.array(prediction).meta({ description: 'In the order of the rows.' }) })
  .meta({ id: 'Predictions' });
export type Predictions = z.output<typeof predictions>;

/** What `/decide` answers. */
export const decisions = z
  .object({
    ...{ model, version },
    experiment: z.string().meta({ description: 'Its name; a new name draws new arms.' }),
    decisions: z.array(decision).meta({ description: 'In the order of the rows.' }),
  })
  .meta({ id: 'Decisions' });
export type Decisions = z.output<typeof decisions>;

/** What `/outcomes` answers. */
export const outcomesAccepted = z
  .object({ accepted: z.int().min(0).meta({ description: 'How many outcomes were taken down.' }) })
  .meta({ id: 'OutcomesAccepted' });

/** What `/livez` answers. */
export const liveness = z.object({ live: z.literal(true) }).meta({ id: 'Liveness' });

const problem = z.object({ code: z.string().optional(), message: z.string(), hint: z.string().optional() });

/** What `/readyz` answers. */
export const readiness = z
  .object({
    ready: z.boolean().meta({
      description:
        'Every registered model answers requests, if only by an older version than its champion, and the server does not end.',
    }),
    reasons: z.array(z.string()).meta({ description: 'Why it is not ready, or what is wrong although it is.' }),
    models: z.array(z.object({ model, version: version.optional(), problem: problem.optional() })),
  })
  .meta({ id: 'Readiness' });
