import { z } from 'zod';
import { metaOf, variables } from '../service/settings-variables.ts';

/** The chart says these itself: they hang together with ports, probes and volumes. */
const SET_BY_CHART = ['HOST', 'PORT', 'CLEAVER_METRICS_PORT', 'CLEAVER_API_KEYS_FILE'];

const DECIMAL = z.string().regex(/^(0?\.[0-9]+|0|1)$/);

type Variable = keyof typeof variables.shape;

/** The server's environment variables as values of the chart: what is written as a number there is one here. */
export const settings = z.strictObject(
  Object.fromEntries(
    (Object.keys(variables.shape) as Variable[])
      .filter((name) => !SET_BY_CHART.includes(name))
      .map((name) => [
        name,
        settingOf(name)
          .describe(`${metaOf(name).about}.`)
          .optional(),
      ]),
  ),
);

function settingOf(name: Variable): z.ZodType {
  const schema = variables.shape[name];
  const { type, minimum = 0, maximum = Number.MAX_SAFE_INTEGER, enum: words } = jsonOf(schema, 'output');
  if (type === 'number') {
    const isWhole = !(jsonOf(schema, 'input').pattern ?? '').includes('.');
    // What comes by `--set` is a number only where it is a whole one.
    return isWhole ? z.int().min(minimum).max(maximum) : z.union([z.number().min(minimum).max(maximum), DECIMAL]);
  }
  return words === undefined ? z.string() : z.enum(words as string[]);
}

function jsonOf(schema: z.ZodType, io: 'input' | 'output') {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}
