import type { Socket } from 'node:net';
import type { Admission } from '../load/admission.ts';
import { clientGone, directAnswer, directCall, type DirectCall, type DirectOptions } from './direct-answer.ts';
import { writeAnswer } from './plain-answer.ts';
import { readPlainHead } from './plain-head.ts';

export interface PlainConnectionOptions extends DirectOptions {
  admission: Pick<Admission, 'enter' | 'leave' | 'turnAway' | 'isEnding'>;
  keepAliveMs: number;
  /** Has Node's server read the connection from here on. */
  handOver: (socket: Socket) => void;
  onGone: (connection: PlainConnection) => void;
}

/** A request that has come whole. */
interface WholeRequest {
  call: DirectCall;
  text: string;
  /** What came after it. */
  rest: Buffer | undefined;
}

/** A request in pieces is waited for so long; Node's server knows better what to do with slow clients. */
const WHOLE_MS = 1000;
/** Node's own limit for a head. */
const HEAD_BYTES = 16 * 1024;
const HEAD_END = '\r\n\r\n';
const METHOD = 'POST ';
const decoder = new TextDecoder();

/**
 * A connection whose requests are read from the socket itself and answered to it, one after the other, for as long as each
 * is a plain one for a direct route. With the first that is not, however little is unusual about it, the connection is
 * Node's HTTP server's for good, with every byte that was not answered.
 */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #options: PlainConnectionOptions;
  /** What has come and is not answered. */
  #waiting: Buffer | undefined;
  /** The call whose body has not come whole. */
  #begun: DirectCall | undefined;
  #isBusy = false;
  #hasEnded = false;
  #wholeTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: PlainConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose);
    // exception-test allow swallowed until 2027-11-30: it is closed after an error, and nobody is there to be told
    socket.on('error', () => undefined);
    socket.setTimeout(options.keepAliveMs).on('timeout', this.#onTimeout);
  }

  /** Ends it between two requests; what has come in part is left to Node's server. */
  closeIfIdle(): void {
    if (this.#isBusy) return;
    if (this.#waiting === undefined) this.#socket.destroy();
    else this.#handOver();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#waiting = this.#waiting === undefined ? chunk : Buffer.concat([this.#waiting, chunk]);
    // A client that asks on without reading has to wait.
    if (this.#isBusy) this.#socket.pause();
    else this.#takeOn(this.#waiting);
  };

  /** The client sends no more; what it has asked for it may still read. */
  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (!this.#isBusy) this.#socket.end();
  };

  readonly #onTimeout = (): void => {
    if (!this.#isBusy) this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    clearTimeout(this.#wholeTimer);
    this.#options.onGone(this);
    if (this.#begun !== undefined) void directAnswer(this.#begun, Promise.reject(clientGone()), this.#options);
  };

  #takeOn(bytes: Buffer): void {
    const request = this.#read(bytes);
    if (request === undefined) this.#handOver();
    else if (request === 'partial') this.#wholeTimer ??= setTimeout(this.#handOver, WHOLE_MS);
    else {
      if (this.#wholeTimer !== undefined) clearTimeout(this.#wholeTimer);
      [this.#wholeTimer, this.#begun] = [undefined, undefined];
      this.#waiting = request.rest;
      this.#isBusy = true;
      // Neither more nor the client's end is to come before what is there.
      if (request.rest !== undefined) this.#socket.pause();
      void this.#answer(request);
    }
  }

  /** Undefined: this is not for us. */
  #read(bytes: Buffer): WholeRequest | 'partial' | undefined {
    const headEnd = bytes.indexOf(HEAD_END, 0, 'latin1');
    if (headEnd > HEAD_BYTES) return undefined;
    if (headEnd === -1) return mayBecomePlain(bytes) ? 'partial' : undefined;
    const head = readPlainHead(bytes.toString('latin1', 0, headEnd + 2));
    if (head === undefined) return undefined;
    const call = directCall(head.url, head.headers, this.#options);
    if (call === undefined) return undefined;
    const start = headEnd + HEAD_END.length;
    const end = start + head.bodyBytes;
    if (bytes.length < end) {
      this.#begun = call;
      return 'partial';
    }
    const text = decoder.decode(bytes.subarray(start, end));
    return { call, text, rest: bytes.length > end ? bytes.subarray(end) : undefined };
  }

  async #answer({ call, text }: WholeRequest): Promise<void> {
    const { admission, keepAliveMs } = this.#options;
    const isIn = admission.enter();
    const answer = isIn ? await directAnswer(call, text, this.#options) : admission.turnAway(call.route.isV2);
    const isLast = admission.isEnding || this.#hasEnded;
    const hasRoom = writeAnswer(this.#socket, answer, isLast ? undefined : keepAliveMs);
    admission.leave(this.#socket, isIn);
    if (isLast) this.#socket.end();
    else if (hasRoom) this.#goOn();
    else this.#socket.once('drain', this.#goOn);
  }

  readonly #goOn = (): void => {
    this.#isBusy = false;
    if (this.#hasEnded) this.#socket.end();
    if (this.#waiting === undefined) return;
    this.#takeOn(this.#waiting);
    if (!this.#hasMore()) this.#socket.resume();
  };

  /** Whether there is a next request already, behind the one that is answered. */
  #hasMore(): boolean {
    return this.#isBusy && this.#waiting !== undefined;
  }

  readonly #handOver = (): void => {
    const socket = this.#socket;
    clearTimeout(this.#wholeTimer);
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    socket.setTimeout(0).off('timeout', this.#onTimeout);
    this.#options.onGone(this);
    socket.pause();
    if (this.#waiting !== undefined) socket.unshift(this.#waiting);
    this.#options.handOver(socket);
    socket.resume();
  };
}

/** Whether more could make it a request for us. */
function mayBecomePlain(bytes: Buffer): boolean {
  return bytes.length < HEAD_BYTES && METHOD.startsWith(bytes.toString('latin1', 0, METHOD.length));
}
