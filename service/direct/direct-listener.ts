import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { clientGone, directAnswer, type DirectCall, directCall, type DirectOptions } from './direct-answer.ts';

const decoder = new TextDecoder();

/**
 * Answers the plain case of the hot routes straight from Node's request: hono and the web's Request and Response cost more
 * than all that we do for a row. Everything else is the app's. What both answer is made by the same functions.
 */
export function directListener(options: DirectOptions, app: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    const call = incoming.method === 'POST' ? directCall(incoming.url ?? '', incoming.headers, options) : undefined;
    if (call === undefined) app(incoming, outgoing);
    else void answer(call, incoming, outgoing, options);
  };
}

async function answer(
  call: DirectCall,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: DirectOptions,
): Promise<void> {
  const { status, requestId, body, headers } = await directAnswer(call, textOf(incoming), options);
  outgoing.writeHead(status, { 'X-Request-Id': requestId, 'content-length': Buffer.byteLength(body), ...headers });
  outgoing.end(body);
}

/** The text of a body that Node knows the length of. Error: CLIENT_GONE. */
async function textOf(incoming: IncomingMessage): Promise<string> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [first] = chunks;
      resolve(decoder.decode(chunks.length === 1 ? first : Buffer.concat(chunks)));
    });
    incoming.on('close', () => {
      if (!incoming.readableEnded) reject(clientGone());
    });
  });
}
