import type { Context } from 'hono';
import type { z } from 'zod';
import { messageOf } from '../pipelines/core/errors.ts';
import { RequestError } from './request-error.ts';

const MAX_BODY_MIB = 8;
const MAX_BODY_BYTES = MAX_BODY_MIB * 1024 * 1024;

/** The request's JSON in the shape of `schema`, of which `example` is one. Errors: BODY_TOO_LARGE (over 8 MiB), REQUEST_INVALID. */
export async function readBody<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
  example: string,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(parseJson(await readText(context.req.raw), example));
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

async function readText(request: Request): Promise<string> {
  const length = request.headers.get('content-length');
  if (length !== null && !request.headers.has('transfer-encoding')) {
    // Node takes no more than the length that was told.
    if (Number(length) > MAX_BODY_BYTES) throw tooLarge();
    return await request.text();
  }
  const chunks: AsyncIterable<Uint8Array> | Uint8Array[] = request.body ?? [];
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(): RequestError {
  return new RequestError('BODY_TOO_LARGE', `The body is over ${MAX_BODY_MIB} MiB.`, {
    hint: 'Send fewer rows at a time.',
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
