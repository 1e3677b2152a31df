import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { limitsBroken } from './slack-limits.ts';

/** `hang` never answers, `stall` never ends its answer, `close` ends the connection, `break` within the answer. */
export type SlackAnswer = Answer | 'hang' | 'stall' | 'close' | 'break';

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** The arguments of chat.postMessage beside the message. */
export interface SlackPlace {
  channel?: unknown;
  thread_ts?: unknown;
  reply_broadcast?: unknown;
}

export interface SlackServer {
  /** The webhook; its path is the secret. */
  url: string;
  /** The address of the Web API: `chat.postMessage` of an app with {@link SLACK_TOKEN} in {@link SLACK_CHANNEL}. */
  apiUrl: string;
  /** What was posted, tries that were not taken too; by the API without where it was posted. */
  payloads: unknown[];
  /** Where each message that came by the API was to go, tries that were not taken too. */
  places: SlackPlace[];
  /** Where a payload breaks one of Slack's documented limits. */
  violations: string[];
  /** The next request (or so many) is answered like this, and not as Slack does when all is well. */
  answerNext(answer: SlackAnswer, times?: number): void;
  close(): Promise<void>;
}

/** The secret part of the webhook's URL. */
export const SLACK_PATH = '/services/T00000000/B00000000/aSecretOfTwentyFour00000';

export const SLACK_TOKEN = 'a-bot-token-that-nobody-is-to-see';
export const SLACK_CHANNEL = 'C0123456789';

/** A webhook and the Web API on loopback, ended with the test, which fails when a payload broke a limit. */
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
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: SlackServer = {
    url: `${origin}${SLACK_PATH}`,
    apiUrl: `${origin}/api`,
    payloads: [],
    places: [],
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
    const body = await text(request);
    const usual =
      request.url === '/api/chat.postMessage' ? takeCall(server, request, body) : takePost(server, request, body);
    const answer = planned.shift() ?? usual;
    if (answer === 'hang') return;
    if (answer === 'close') request.socket.destroy();
    else if (answer === 'stall') response.writeHead(200).write('{');
    else if (answer === 'break') response.writeHead(200).write('{', () => request.socket.destroy());
    else response.writeHead(answer.status, { 'content-type': 'text/html', ...answer.headers }).end(answer.body);
  }
  return server;
}

/** As a webhook answers: with a word and its status. */
function takePost(server: SlackServer, request: IncomingMessage, body: string): Answer {
  if (request.url !== SLACK_PATH) return { status: 404, body: 'no_service' };
  const payload = payloadOf(server, request, body);
  if (payload === undefined) return { status: 400, body: 'invalid_payload' };
  return isKept(server, payload) ? { status: 200, body: 'ok' } : { status: 400, body: 'invalid_blocks' };
}

/** As the Web API answers: always with 200. */
function takeCall(server: SlackServer, request: IncomingMessage, body: string): Answer {
  const refuse = (error: string) => apiAnswer({ ok: false, error });
  const payload = payloadOf(server, request, body);
  if (payload === undefined) return refuse('invalid_json');
  const { channel, thread_ts, reply_broadcast, ...message } = payload as SlackPlace;
  server.places.push({ channel, thread_ts, reply_broadcast });
  const ts = tsOf(server.places.length);
  const isRight = isKept(server, message);
  if (request.headers.authorization !== `Bearer ${SLACK_TOKEN}`) return refuse('invalid_auth');
  if (channel !== SLACK_CHANNEL) return refuse('channel_not_found');
  if (!isRight) return refuse('invalid_blocks');
  if (thread_ts === undefined) return apiAnswer({ ok: true, channel, ts, message: { ts } });
  if (typeof thread_ts !== 'string' || !/^\d+\.\d{6}$/.test(thread_ts)) return refuse('invalid_thread_ts');
  const isKnown = server.places.slice(0, -1).some((_, index) => tsOf(index + 1) === thread_ts);
  return isKnown ? apiAnswer({ ok: true, channel, ts, message: { ts, thread_ts } }) : refuse('thread_not_found');
}

/** The Web API's answer with this content. */
export function apiAnswer(content: object): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(content),
  };
}

/** The name that Slack gives to a server's message, the first of them 1. */
function tsOf(count: number): string {
  return `1700000000.${String(count).padStart(6, '0')}`;
}

function payloadOf(server: SlackServer, { method, headers }: IncomingMessage, body: string): unknown {
  let payload: unknown;
  try {
    payload = JSON.parse(body);
  } catch {
    payload = undefined;
  }
  if (method === 'POST' && headers['content-type']?.startsWith('application/json') && payload !== undefined)
    return payload;
  server.violations.push(`${method ?? ''} with ${body.slice(0, 100)} is no payload`);
  return undefined;
}

/** Records a message; whether it keeps Slack's limits. */
function isKept(server: SlackServer, message: unknown): boolean {
  server.payloads.push(message);
  const broken = limitsBroken(message);
  server.violations.push(...broken);
  return broken.length === 0;
}
