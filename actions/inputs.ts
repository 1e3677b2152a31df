import { z } from 'zod';
import { parseDay, type Day } from '../pipelines/core/days.ts';

const MAX_WAIT_SECONDS = 86_400;
const WAIT_RULE = `must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}`;

/** Types of inputs that several actions have; GitHub hands every input over as text, an empty one counts as not given. */
export const input = {
  model: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be the name of a folder under models/')
    .optional(),
  day: z
    .string()
    .transform((text, context): Day => {
      const day = parseDay(text);
      if (day === undefined) context.addIssue({ code: 'custom', message: 'must be a day as YYYY-MM-DD' });
      return day ?? z.NEVER;
    })
    .optional(),
  version: z
    .string()
    .regex(/^v\d+$/, 'must be a version of the registry, e.g. v7')
    .optional(),
  judgement: z.string().regex(/^evaluate-[0-9a-f]{12}$/, 'must be the run id that evaluate gives, e.g. evaluate-0a1b…'),
  waitSeconds: z
    .string()
    .regex(/^\d+$/, WAIT_RULE)
    .transform(Number)
    .refine((seconds) => seconds <= MAX_WAIT_SECONDS, WAIT_RULE)
    .default(900),
  token: z.string().optional(),
} as const;
