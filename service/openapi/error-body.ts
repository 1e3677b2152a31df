import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../pipelines/core/errors.ts';

/** What a failed request is answered by. */
export const errorBody = z
  .object({
    code: z.string().meta({
      description: 'Permanent, for programs. INTERNAL is a bug in the service; docs/errors.md lists the others.',
    }),
    message: z.string().meta({ description: 'What failed and why, for people.' }),
    hint: z.string().meta({ description: 'What to do about it.' }),
    path: z.string().optional().meta({ description: 'Where in the body it is: `rows[3].orders_28d`.' }),
    requestId: z.string().optional().meta({ description: 'Of a bug: look for it in the log.' }),
  })
  .meta({ id: 'Error' });

/** What a failed request under /v2 is answered by, as the protocol has it. */
export const v2Error = z
  .object({ error: z.string().meta({ description: 'Where, what and why, and what to do about it.' }) })
  .meta({ id: 'OpenInferenceError' });

interface Refusal<Schema> {
  description: string;
  headers?: typeof RETRY_AFTER | typeof CHALLENGE;
  content: { 'application/json': { schema: Schema } };
}

/** By the statuses that go with the codes; a bug can always come. */
type Refusals<Schema, Code extends ErrorCode> = Record<(typeof ERROR_CODES)[Code]['status'] | 500, Refusal<Schema>>;

const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds to wait before the next try.',
    schema: { type: 'integer' as const, minimum: 0 },
  },
};
const CHALLENGE = {
  'WWW-Authenticate': { description: 'What the key lacks (RFC 6750).', schema: { type: 'string' as const } },
};

/** The answers to requests that fail with one of these codes, by status. */
export function refusals<Code extends ErrorCode = never>(...codes: Code[]): Refusals<typeof errorBody, Code> {
  return refusalsOf(errorBody, codes);
}

/** The same under /v2. */
export function v2Refusals<Code extends ErrorCode = never>(...codes: Code[]): Refusals<typeof v2Error, Code> {
  return refusalsOf(v2Error, codes);
}

function refusalsOf<Schema, Code extends ErrorCode>(schema: Schema, codes: Code[]): Refusals<Schema, Code> {
  const about = new Map<number, string[]>([[500, ['`INTERNAL`: a bug in the service.']]]);
  for (const code of codes) {
    const { status, about: text } = ERROR_CODES[code];
    about.set(status, [...(about.get(status) ?? []), `\`${code}\`: ${text}`]);
  }
  const answers = [...about].map(([status, texts]): [number, Refusal<Schema>] => [
    status,
    { description: texts.join('\n'), ...headersOf(status), content: { 'application/json': { schema } } },
  ]);
  return Object.fromEntries(answers) as Refusals<Schema, Code>;
}

function headersOf(status: number): Pick<Refusal<unknown>, 'headers'> {
  if (status === 429 || status === 503) return { headers: RETRY_AFTER };
  return status === 401 || status === 403 ? { headers: CHALLENGE } : {};
}
