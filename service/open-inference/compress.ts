import { promisify } from 'node:util';
import { deflate, gzip } from 'node:zlib';

/** Below this, packing costs more than a network takes to carry the rest. */
const MIN_BYTES = 64 * 1024;
const ENCODERS = { gzip: promisify(gzip), deflate: promisify(deflate) };

/** A body as it is sent. */
export interface SentBody {
  body: string | Uint8Array<ArrayBuffer>;
  encoding: keyof typeof ENCODERS | undefined;
}

/**
 * Packs a body of more than 64 KiB if the client takes it so, at the quickest level and on another thread.
 * `acceptEncoding` is asked for the header only then.
 */
export async function compressed(
  body: string | Uint8Array<ArrayBuffer>,
  acceptEncoding: () => string | undefined,
): Promise<SentBody> {
  const encoding = body.length < MIN_BYTES ? undefined : encodingFor(acceptEncoding() ?? '');
  if (encoding === undefined) return { body, encoding };
  return { body: await ENCODERS[encoding](body, { level: 1 }), encoding };
}

/** The first of gzip and deflate that an Accept-Encoding header names with a weight above zero. */
export function encodingFor(acceptEncoding: string): SentBody['encoding'] {
  const taken = acceptEncoding.split(',').flatMap((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) ? [] : [name];
  });
  return (['gzip', 'deflate'] as const).find((name) => taken.includes(name));
}
