import { z } from 'zod';
import { parseDay, type Day } from '../pipelines/core/days.ts';

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
  waitSeconds: z.coerce.number('must be a number of seconds').int().min(0).max(86_400).default(900),
  token: z.string().optional(),
} as const;
