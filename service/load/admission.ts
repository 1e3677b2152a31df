import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConnectionLine } from './admission-line.ts';

export interface AdmissionOptions {
  /** Requests that may be in the house at once. */
  requests: number;
  /** How late the event loop may be. */
  loopDelayMs: number;
  onShed: () => void;
}

const SAMPLE_MS = 20;
/** Requests in the house from which on connections stand in line; a lesser load has nothing to do with it. */
const BUSY = 128;
/** Connections that are read in a turn of the event loop then: with 128 at a time each answer costs a seventh more. */
const READ_PER_TURN = 32;
const V2_REFUSAL = refusal({ error: 'OVERLOADED: The service has more to do than it can answer in time.' });
const REFUSAL = refusal({
  code: 'OVERLOADED',
  message: 'The service has more to do than it can answer in time.',
  hint: 'Try again in a second; if this lasts, run more replicas.',
});
// Whether it lives and how it does has to be answered above all when there is too much to do.
const ALWAYS = new Set(['/livez', '/readyz', '/metrics', '/v2/health/live', '/v2/health/ready']);

/**
 * The door: lets requests in as long as they can be answered in time, and turns the others away before anything is
 * read of them, with 503 and Retry-After. What is late is the event loop itself, so that counts too.
 *
 * To turn a request away costs more than half of an answer, so whoever asks again at once would take the house's time all
 * the same. Where there is much to do, a connection that has had its answer, of either kind, is therefore not read again
 * before those that have waited longer: its next request waits with the kernel, where it costs nothing.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #line: ConnectionLine;
  readonly #inside = new Set<ServerResponse>();
  /** Requests in the house that Node's HTTP does not know of. */
  #plain = 0;
  #isEnding = false;
  #isClosing = false;
  #delayMs = 0;
  #lastDelayMs = 0;
  #sampledAt = performance.now();

  constructor(options: AdmissionOptions, line = new ConnectionLine(READ_PER_TURN)) {
    this.#options = options;
    this.#line = line;
    this.#timer = setInterval(() => {
      const now = performance.now();
      const delayMs = now - this.#sampledAt - SAMPLE_MS;
      // One pause is no overload, two on end are.
      this.#delayMs = Math.min(delayMs, this.#lastDelayMs);
      this.#lastDelayMs = delayMs;
      this.#sampledAt = now;
    }, SAMPLE_MS).unref();
  }

  /** Whether the server is about to end, so that each answer is the last one on its connection. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** `listener` for those that are let in. */
  guard(listener: RequestListener): RequestListener {
    return (request, response) => {
      if (this.#isEnding) sayLast(response);
      const isIn = ALWAYS.has(request.url ?? '') || !this.#isFull();
      if (isIn) this.#inside.add(response);
      response.once('close', () => {
        this.#inside.delete(response);
        this.#makeWait(request.socket, isIn);
      });
      if (isIn) listener(request, response);
      else refuse(request, response, this.turnAway(request.url?.startsWith('/v2') === true));
    };
  }

  /** Lets a request in that has come whole; without room it is to be turned away. Either way `leave` has to follow. */
  enter(): boolean {
    if (this.#isFull()) return false;
    this.#plain += 1;
    return true;
  }

  /** A request that was let in, or was not, has had its answer. */
  leave(connection: Socket, wasIn: boolean): void {
    if (wasIn) this.#plain -= 1;
    this.#makeWait(connection, wasIn);
  }

  /** Counts a request that is turned away, and says what it is answered by. */
  turnAway(isV2: boolean): typeof REFUSAL {
    this.#options.onShed();
    return isV2 ? V2_REFUSAL : REFUSAL;
  }

  /** From now on each answer is the last one on its connection, also those to the requests that are in the house. */
  end(): void {
    this.#isEnding = true;
    for (const response of this.#inside) sayLast(response);
  }

  /** Before the server closes: has everything read that was sent by those who stand in line; nobody has to any more. */
  async readAll(): Promise<void> {
    this.#isClosing = true;
    this.#line.dissolve();
    // The first one may still be of the turn that runs now.
    await nextTurn();
    await nextTurn();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Has a connection that has had its answer stand in line, where there is much to do or it was turned away. */
  #makeWait(connection: Socket, wasIn: boolean): void {
    if (this.#isClosing) return;
    if (!wasIn || this.#count >= BUSY || this.#line.isWaiting) this.#line.add(connection);
  }

  get #count(): number {
    return this.#inside.size + this.#plain;
  }

  #isFull(): boolean {
    return this.#count >= this.#options.requests || this.#delayMs > this.#options.loopDelayMs;
  }
}

/** A client that has read this sends nothing more there, so that nothing is lost when the connection is closed. */
function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

function refuse(request: IncomingMessage, response: ServerResponse, { status, headers, body }: typeof REFUSAL): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
  // What was sent is read and thrown away, so that the connection can be used again.
  request.resume();
}

function refusal(body: object) {
  const headers = { 'content-type': 'application/json', 'retry-after': '1' };
  return { status: 503, requestId: undefined, headers, body: JSON.stringify(body) };
}
