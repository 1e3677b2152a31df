import type { z } from 'zod';
import { messageOf } from '../../pipelines/core/errors.ts';
import { RequestError } from './request-error.ts';

/** The text of a request's body; one that `isSmall` is not measured again. Errors as {@link readBytes}. */
export async function readText(request: Request, maxBytes: number, isSmall = false): Promise<string> {
  if (!isSmall && !isOfKnownLength(request, maxBytes))
    return new TextDecoder().decode(await readBytes(request, maxBytes));
  return await received(() => request.text());
}

/**
 * The bytes of a request's body. Errors: BODY_TOO_LARGE, by the length that it is said to have or by that which comes;
 * CLIENT_GONE.
 */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  // In one piece: a stream costs more than all the rest.
  if (isOfKnownLength(request, maxBytes)) return new Uint8Array(await received(() => request.arrayBuffer()));
  const chunks: Uint8Array[] = [];
  let length = 0;
  await received(async () => {
    const body: AsyncIterable<Uint8Array> | Uint8Array[] = request.body ?? [];
    for await (const chunk of body) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  });
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Node takes no more than the length that was told. Error: BODY_TOO_LARGE. */
function isOfKnownLength({ headers }: Request, maxBytes: number): boolean {
  const length = headers.get('content-length');
  if (length === null || headers.get('transfer-encoding') !== null) return false;
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  return true;
}

async function received<Body>(receive: () => Promise<Body>): Promise<Body> {
  try {
    return await receive();
  } catch (cause) {
    if (cause instanceof RequestError) throw cause;
    throw new RequestError('CLIENT_GONE', 'The request broke off before it had come whole.', {
      hint: 'Nobody will read this: the connection is gone.',
      cause,
    });
  }
}

/** A body's JSON in the shape of `schema`, of which `example` is one. Error: REQUEST_INVALID. */
export function parseBody<Schema extends z.ZodType>(text: string, schema: Schema, example: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text, example));
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

/** BODY_TOO_LARGE. */
export function tooLarge(maxBytes: number): RequestError {
  return new RequestError('BODY_TOO_LARGE', `The body is over ${maxBytes / 1024 / 1024} MiB.`, {
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
