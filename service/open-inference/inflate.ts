import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { hasCode } from '../../pipelines/adapters/files.ts';
import { messageOf } from '../../pipelines/core/errors.ts';
import { tooLarge } from '../request/request-body.ts';
import { invalid, quoted } from './invalid.ts';

const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
]);

/**
 * The body that was sent in a Content-Encoding, on another thread and up to `maxBytes`. Errors: REQUEST_INVALID,
 * BODY_TOO_LARGE.
 */
export async function inflated(body: Uint8Array, encoding: string, maxBytes: number): Promise<Uint8Array> {
  if (encoding === 'identity') return body;
  const decode = DECODERS.get(encoding.toLowerCase());
  if (decode === undefined) {
    throw invalid('Content-Encoding', `The body comes as ${quoted(encoding)}`, {
      hint: 'Send it as gzip or deflate, or as it is.',
    });
  }
  try {
    return await decode(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (hasCode(cause, 'ERR_BUFFER_TOO_LARGE')) throw tooLarge(maxBytes);
    throw invalid('Content-Encoding', `The body is no whole ${encoding}: ${messageOf(cause)}`, { cause });
  }
}
