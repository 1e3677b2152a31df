import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { messageOf } from '../pipelines/core/errors.ts';
import { RequestError } from './request-error.ts';

const MAX_BODY_MIB = 8;

/** Refuses a body over 8 MiB, counted while it streams in. Error: BODY_TOO_LARGE. */
export const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BODY_MIB * 1024 * 1024,
  onError: () => {
    throw new RequestError('BODY_TOO_LARGE', `The body is over ${MAX_BODY_MIB} MiB.`, {
      hint: 'Send fewer rows at a time.',
    });
  },
});

/** The request's JSON in the shape of `schema`, of which `example` is one. Error: REQUEST_INVALID. */
export async function readBody<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
  example: string,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(parseJson(await context.req.text(), example));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = pathText(issue?.path ?? []);
  const where = path === '' ? 'The body' : path;
  throw new RequestError('REQUEST_INVALID', `${where} has the wrong shape: ${issue?.message ?? 'unknown'}.`, {
    hint: `Send, for example: ${example}`,
    path,
    cause: parsed.error,
  });
}

function parseJson(text: string, example: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestError('REQUEST_INVALID', `The body is not JSON: ${messageOf(error)}.`, {
      hint: `A missing value is null; NaN is not JSON. Send, for example: ${example}`,
      cause: error,
    });
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
