import { write, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

// A write of so many bytes into a pipe is never mixed with another process's (PIPE_BUF): workers share one stderr.
const CHUNK_BYTES = 4096;
const FLUSH_MS = 250;

/** How the writing goes. */
export interface LogWriterState {
  /** Lines that found no room to wait in. */
  dropped: number;
  waitingBytes: number;
  /** Why the last write failed; undefined when all is well. */
  problem: unknown;
}

/**
 * Writes lines to a file descriptor in the background, many at a time. It never blocks, never throws, and holds no
 * more than `maxWaitingBytes`; what waits is written when the process exits, also by an error. pino's own destination
 * does not serve: at the exit it tries for ever when the disk is full or the reader has gone.
 */
export class LogWriter {
  readonly #fd: number;
  readonly #maxWaitingBytes: number;
  /** Lines that wait; only the last chunk still grows. */
  readonly #chunks: string[] = [];
  #lastChunkBytes = 0;
  /** The chunk that is written, or what is left of it. */
  #current: Buffer | undefined;
  #inFlight = false;
  #waitingBytes = 0;
  #dropped = 0;
  #problem: unknown;
  #timer: NodeJS.Timeout | undefined;
  readonly #atExit = () => {
    // What is in flight is written by the system all the same.
    if (this.#inFlight) this.#current = undefined;
    this.#writeNow();
  };

  constructor(fd: number, maxWaitingBytes = 4 * 1024 * 1024) {
    this.#fd = fd;
    this.#maxWaitingBytes = maxWaitingBytes;
    process.on('exit', this.#atExit);
  }

  get state(): LogWriterState {
    return { dropped: this.#dropped, waitingBytes: this.#waitingBytes, problem: this.#problem };
  }

  /** Takes a line, its line break included. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#waitingBytes + bytes > this.#maxWaitingBytes) {
      this.#dropped += 1;
      return;
    }
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#lastChunkBytes + bytes <= CHUNK_BYTES) {
      this.#chunks[this.#chunks.length - 1] = last + line;
      this.#lastChunkBytes += bytes;
    } else {
      this.#chunks.push(line);
      this.#lastChunkBytes = bytes;
    }
    this.#waitingBytes += bytes;
    this.#schedule();
  }

  /** Writes what waits; gives a reader that has stopped reading a second. Lines may come after it all the same. */
  async close(): Promise<void> {
    for (let turn = 0; this.#inFlight && turn < 100; turn += 1) await delay(10);
    process.off('exit', this.#atExit);
    if (!this.#inFlight) this.#writeNow();
  }

  #schedule(): void {
    if (this.#inFlight || this.#waitingBytes === 0) return;
    const isFull = this.#current !== undefined || this.#chunks.length > 1;
    if (isFull && this.#problem === undefined) this.#writeNext();
    else {
      this.#timer ??= setTimeout(() => {
        this.#writeNext();
      }, FLUSH_MS).unref();
    }
  }

  #writeNext(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const bytes = this.#take();
    if (bytes === undefined) return;
    this.#inFlight = true;
    write(this.#fd, bytes, (error, written) => {
      this.#inFlight = false;
      this.#problem = error ?? undefined;
      this.#settle(bytes, written);
      this.#schedule();
    });
  }

  #writeNow(): void {
    try {
      for (let bytes = this.#take(); bytes !== undefined; bytes = this.#take()) {
        this.#settle(bytes, writeSync(this.#fd, bytes));
      }
    } catch (error) {
      this.#problem = error;
    }
  }

  #take(): Buffer | undefined {
    const chunk = this.#current === undefined ? this.#chunks.shift() : undefined;
    if (chunk !== undefined) this.#current = Buffer.from(chunk);
    return this.#current;
  }

  #settle(bytes: Buffer, written: number): void {
    this.#waitingBytes -= written;
    this.#current = written < bytes.length ? bytes.subarray(written) : undefined;
  }
}
