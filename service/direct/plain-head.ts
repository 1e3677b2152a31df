import type { IncomingHttpHeaders } from 'node:http';

/** The head of a POST with a body of known length. */
export interface PlainHead {
  /** As it was sent; a path. */
  url: string;
  /** By name in small letters, as Node has them. */
  headers: IncomingHttpHeaders;
  bodyBytes: number;
}

const REQUEST_LINE = /^POST (\/[\w./-]*) HTTP\/1\.1\r\n/;
// RFC 9110, section 5.1: a name is a token, right before its colon. Of values only those without any doubt are plain.
const HEADER = /([\w!#$%&'*+.^`|~-]+):[ \t]*([!-~](?:[ -~]*[!-~])?)[ \t]*\r\n/y;
const LENGTH = /^\d{1,15}$/;
// What changes how a message or a connection is read, if only by those before us; Node has a list for the last one.
const NOT_PLAIN = ['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te', 'proxy-connection', 'set-cookie'];

/**
 * Reads a request's head, without the empty line that ends it. Undefined wherever two readers of HTTP could be of two
 * minds, or anything is unusual: that is for Node's own parser to judge. Whatever this takes, Node takes too, and reads
 * the same in it: a test compares them.
 */
export function readPlainHead(text: string): PlainHead | undefined {
  const line = REQUEST_LINE.exec(text);
  const url = line?.[1];
  if (line === null || url === undefined) return undefined;
  const headers: Record<string, string> = {};
  HEADER.lastIndex = line[0].length;
  while (HEADER.lastIndex < text.length) {
    const [, name = '', value = ''] = HEADER.exec(text) ?? [];
    if (name === '') return undefined;
    const key = name.toLowerCase();
    // Twice, or the name of something that each object has.
    if (headers[key] !== undefined) return undefined;
    headers[key] = value;
  }
  const length = headers['content-length'];
  if (length === undefined || !LENGTH.test(length)) return undefined;
  if (headers['connection'] !== undefined && headers['connection'].toLowerCase() !== 'keep-alive') return undefined;
  for (const name of NOT_PLAIN) if (headers[name] !== undefined) return undefined;
  return { url, headers, bodyBytes: Number(length) };
}
