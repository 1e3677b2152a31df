import { STATUS_CODES } from 'node:http';
import type { Writable } from 'node:stream';
import { type DirectAnswer, JSON_HEADERS } from './direct-answer.ts';

const JSON_LINES = linesOf(JSON_HEADERS);

/**
 * Writes an answer as HTTP/1.1 has it, with the headers that Node gives its own; without `keepAliveMs` it is the last one of
 * its connection. In one piece, so that it goes out in one packet where it can. False: nothing more should be written now.
 */
export function writeAnswer(
  socket: Pick<Writable, 'write'>,
  { status, requestId, body, headers }: DirectAnswer,
  keepAliveMs?: number,
): boolean {
  const bytes = Buffer.byteLength(body);
  const head =
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
    (requestId === undefined ? '' : `X-Request-Id: ${requestId}\r\n`) +
    `content-length: ${bytes}\r\n` +
    (headers === JSON_HEADERS ? JSON_LINES : linesOf(headers)) +
    `Date: ${dateNow()}\r\n` +
    (keepAliveMs === undefined
      ? 'Connection: close\r\n\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveMs / 1000}\r\n\r\n`);
  if (typeof body !== 'string') return socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
  // Of ASCII alone it is copied as it is.
  return socket.write(head + body, bytes === body.length ? 'latin1' : 'utf8');
}

/** Only headers of ours come here: none has a line end in it. */
function linesOf(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) lines += `${name}: ${headers[name] ?? ''}\r\n`;
  return lines;
}

let second = 0;
let date = '';

/** RFC 9110, section 6.6.1; made once a second. */
function dateNow(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    date = new Date(now * 1000).toUTCString();
  }
  return date;
}
