import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const BUFFER_BYTES = 64 * 1024;

/** The body is only good until the handler returns. */
export interface AnswerHandler {
  onAnswer: (connection: Connection, status: number, body: Buffer) => void;
  /** It was closed, with or without a request that waits for its answer. */
  onClose: (connection: Connection, error: Error | undefined) => void;
}

/**
 * A client's connection that is kept alive, for one request at a time: as little work as can be, so that one core can
 * load a server on another. It takes whole requests and reads answers with a Content-Length only.
 */
export class Connection {
  /** When the request that runs was sent, by `performance.now()`. */
  sentAt = 0;
  /** What the sender wants to know again when the answer comes. */
  tag = 0;
  isBusy = false;
  readonly opened: Promise<void>;
  readonly #socket: Socket;
  readonly #handler: AnswerHandler;
  #rest: Buffer | undefined;

  constructor(port: number, handler: AnswerHandler) {
    this.#handler = handler;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.opened = promise;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(BUFFER_BYTES),
        callback: (count, buffer) => this.#read(buffer as Buffer, count),
      },
    });
    let failure: Error | undefined;
    this.#socket.on('connect', () => {
      resolve(undefined);
    });
    this.#socket.on('error', (error) => {
      failure = error;
    });
    this.#socket.on('close', () => {
      reject(failure ?? new Error('The server closed the connection.'));
      handler.onClose(this, failure);
    });
    // Whoever does not wait for it hears of it by onClose.
    promise.catch(() => undefined);
  }

  send(request: Buffer, tag = 0): void {
    this.isBusy = true;
    this.tag = tag;
    this.sentAt = performance.now();
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(buffer: Buffer, count: number): boolean {
    const chunk = buffer.subarray(0, count);
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    const bodyAt = bytes.indexOf(HEAD_END) + HEAD_END.length;
    const end =
      bodyAt < HEAD_END.length ? Number.POSITIVE_INFINITY : bodyAt + contentLength(bytes.toString('latin1', 0, bodyAt));
    if (bytes.length < end) {
      // The buffer is written over by the next piece.
      this.#rest = this.#rest === undefined ? Buffer.from(bytes) : bytes;
      return true;
    }
    this.#rest = undefined;
    this.isBusy = false;
    this.#handler.onAnswer(this, statusOf(bytes), bytes.subarray(bodyAt, end));
    return true;
  }
}

/** The three digits after `HTTP/1.1 `. */
function statusOf(bytes: Buffer): number {
  return ((bytes[9] ?? 0) - 48) * 100 + ((bytes[10] ?? 0) - 48) * 10 + ((bytes[11] ?? 0) - 48);
}

function contentLength(head: string): number {
  const found = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  if (found === undefined)
    throw new Error(`An answer without Content-Length, which this client does not read:\n${head}`);
  return Number(found);
}
