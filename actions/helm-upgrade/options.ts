import { z } from 'zod';
import { input } from '../inputs.ts';

const number = (rule: string, schema: z.ZodNumber) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, rule)
    .transform(Number)
    .pipe(schema);
const seconds = number('must be a number of seconds', z.number().max(86_400, 'must be at most 86400 seconds'));
const share = number('must be a number from 0 to 1', z.number().max(1, 'must be at most 1'));
const positive = number('must be a number', z.number());
const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');
const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/, 'must be lower-case letters, digits and dashes, 53 at most');
const lines = z.string().transform((text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
);

/** The inputs, by the names in action.yml. */
export const inputs = z.object({
  release: name.default('cleaver'),
  namespace: name.default('cleaver'),
  chart: z.string().default('helm/cleaver'),
  values: lines.default([]),
  set: lines.default([]),
  image: z
    .string()
    .regex(/^[^\s@,]+@sha256:[0-9a-f]{64}$/, 'must be name@sha256:… as actions/build-image gives it')
    .optional(),
  'verify-key': z.string().optional(),
  'plain-http': flag.default(false),
  environment: z.string().optional(),
  'timeout-seconds': seconds.default(300),
  'bake-seconds': seconds.default(300),
  'look-seconds': seconds.default(3),
  'error-rate': share.default(0.01),
  'p99-factor': positive.default(2),
  'p99-floor-ms': positive.default(100),
  'score-shift': positive.default(0.25),
  'metrics-port': number('must be a port', z.number().max(65_535)).default(9464),
  'prometheus-url': z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).default(''),
  compare: z.enum(['former', 'challenger'], 'must be former or challenger').default('former'),
  'dry-run': flag.default(false),
  'pull-request': number('must be the number of a pull request', z.number()).optional(),
  'wait-seconds': input.waitSeconds,
  token: input.token,
});

export type Inputs = z.output<typeof inputs>;
