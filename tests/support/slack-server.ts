import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { limitsBroken } from './slack-limits.ts';

/** `hang` never answers, `close` ends the connection. */
export type SlackAnswer = Answer | 'hang' | 'close';

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface SlackServer {
  /** The webhook; its path is the secret. */
  url: string;
  /** What was posted, tries that were not taken too. */
  payloads: unknown[];
  /** Where a payload breaks one of Slack's documented limits. */
  violations: string[];
  /** The next request (or so many) is answered like this, and not as Slack does when all is well. */
  answerNext(answer: SlackAnswer, times?: number): void;
  close(): Promise<void>;
}

/** The secret part of the webhook's URL. */
export const SLACK_PATH = '/services/T00000000/B00000000/aSecretOfTwentyFour00000';

/** A webhook on loopback, ended with the test, which fails when a payload broke a limit. */
export async function startSlackServer(): Promise<SlackServer> {
  const server = await openSlackServer();
  onTestFinished(async () => {
    await server.close();
    expect(server.violations).toEqual([]);
  });
  return server;
}

/** The same for longer than a test; whoever opens it closes it and looks at `violations`. */
export async function openSlackServer(): Promise<SlackServer> {
  const planned: SlackAnswer[] = [];
  const http = createServer((request, response) => void handle(request, response));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server: SlackServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}${SLACK_PATH}`,
    payloads: [],
    violations: [],
    answerNext(answer, times = 1) {
      for (let time = 0; time < times; time += 1) planned.push(answer);
    },
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const usual = take(server, request, await text(request));
    const answer = planned.shift() ?? usual;
    if (answer === 'hang') return;
    if (answer === 'close') request.socket.destroy();
    else response.writeHead(answer.status, { 'content-type': 'text/html', ...answer.headers }).end(answer.body);
  }
  return server;
}

/** Records and checks what was posted; answers as Slack does. */
function take(server: SlackServer, { method, url, headers }: IncomingMessage, body: string): Answer {
  if (url !== SLACK_PATH) return { status: 404, body: 'no_service' };
  let payload: unknown;
  try {
    payload = JSON.parse(body);
  } catch {
    payload = undefined;
  }
  if (method !== 'POST' || !headers['content-type']?.startsWith('application/json') || payload === undefined) {
    server.violations.push(`${method ?? ''} with ${body.slice(0, 100)} is no payload`);
    return { status: 400, body: 'invalid_payload' };
  }
  server.payloads.push(payload);
  const broken = limitsBroken(payload);
  server.violations.push(...broken);
  return broken.length > 0 ? { status: 400, body: 'invalid_blocks' } : { status: 200, body: 'ok' };
}
