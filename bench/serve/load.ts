import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';
import { Latencies } from './latencies.ts';

const SETTLE_LIMIT_MS = 10_000;
/** More in one go would have the answers that have come meanwhile wait for us, and count as the server's time. */
const SENT_AT_ONCE = 32;

export interface LoadOptions {
  port: number;
  /** Whole HTTP requests, sent in turn. */
  requests: readonly Buffer[];
  connections: number;
  seconds: number;
  onAnswer?: (status: number, latencyMs: number, at: number) => void;
}

export interface LoadResult {
  /** For how long requests were sent, and when it ended by `performance.now()`. */
  seconds: number;
  endedAt: number;
  /** From sending to the whole answer, by status. */
  latencies: ReadonlyMap<number, Latencies>;
  /** Requests whose connection broke, or that were never answered. */
  broken: number;
  /** Only of an open loop: requests whose time came when every connection still waited for an answer. */
  unsent: number;
}

/** Each connection sends its next request as soon as the last is answered. */
export async function closedLoop(options: LoadOptions): Promise<LoadResult> {
  const pool = new Pool(options);
  await pool.open();
  const begun = performance.now();
  const end = begun + options.seconds * 1000;
  pool.onIdle = () => {
    if (performance.now() < end) pool.sendNext();
  };
  while (pool.sendNext());
  await sleep(options.seconds * 1000);
  return await pool.finish(begun);
}

/**
 * Requests whose times come evenly, `perSecond` of them, whether or not earlier ones are answered, as far as there is a
 * connection that waits for nothing: a request that finds none is not sent, then or later.
 */
export async function openLoop(options: LoadOptions & { perSecond: number }): Promise<LoadResult> {
  const pool = new Pool(options);
  await pool.open();
  const begun = performance.now();
  const total = Math.round(options.perSecond * options.seconds);
  let [due, unsent, isTurning] = [0, 0, false];
  const sendDue = () => {
    const dueNow = Math.min(total, Math.ceil(((performance.now() - begun) / 1000) * options.perSecond));
    for (let sent = 0; sent < SENT_AT_ONCE && due < dueNow && pool.sendNext(); sent += 1) due += 1;
    if (pool.hasIdle) return;
    unsent += dueNow - due;
    due = dueNow;
  };
  // While a connection is free the time is looked at in every turn of the event loop; else as soon as one is.
  const turn = () => {
    sendDue();
    isTurning = pool.hasIdle && due < total;
    if (isTurning) setImmediate(turn);
  };
  pool.onIdle = () => {
    if (!isTurning) turn();
  };
  turn();
  await sleep(options.seconds * 1000);
  // What this client was too slow for has not been sent either.
  unsent += total - due;
  due = total;
  return { ...(await pool.finish(begun)), unsent };
}

/** Connections of which each takes one request at a time; one that breaks is opened again. */
class Pool {
  onIdle: () => void = () => undefined;
  readonly #options: LoadOptions;
  readonly #latencies = new Map<number, Latencies>();
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  #next = 0;
  #broken = 0;
  #isFinished = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get hasIdle(): boolean {
    return this.#idle.length > 0;
  }

  async open(): Promise<void> {
    for (let count = 0; count < this.#options.connections; count += 1) await this.#connect().opened;
  }

  /** False when every connection is busy. */
  sendNext(): boolean {
    const connection = this.#idle.pop();
    if (connection === undefined) return false;
    const { requests } = this.#options;
    const request = requests[this.#next % requests.length];
    if (request === undefined) throw new Error('There is no request to send.');
    this.#next += 1;
    connection.send(request);
    return true;
  }

  /** Waits for the answers that are still to come. */
  async finish(begun: number): Promise<LoadResult> {
    this.onIdle = () => undefined;
    const endedAt = performance.now();
    const limit = endedAt + SETTLE_LIMIT_MS;
    while (this.#busyCount() > 0 && performance.now() < limit) await sleep(5);
    this.#isFinished = true;
    const broken = this.#broken + this.#busyCount();
    for (const connection of this.#all) connection.close();
    return { seconds: (endedAt - begun) / 1000, endedAt, latencies: this.#latencies, broken, unsent: 0 };
  }

  #busyCount(): number {
    return [...this.#all].filter(({ isBusy }) => isBusy).length;
  }

  #connect(): Connection {
    const connection = new Connection(this.#options.port, {
      onAnswer: (answered, status) => {
        const now = performance.now();
        this.#note(status, now - answered.sentAt);
        this.#options.onAnswer?.(status, now - answered.sentAt, now);
        this.#idle.push(answered);
        this.onIdle();
      },
      onClose: (closed) => {
        this.#closed(closed);
      },
    });
    this.#all.add(connection);
    connection.opened.then(
      () => {
        this.#idle.push(connection);
        this.onIdle();
      },
      () => undefined,
    );
    return connection;
  }

  #closed(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#isFinished) return;
    if (connection.isBusy) this.#broken += 1;
    // Not at once: a server that takes no connection now would be asked without end.
    setTimeout(() => {
      if (!this.#isFinished) this.#connect();
    }, 10);
  }

  #note(status: number, ms: number): void {
    let latencies = this.#latencies.get(status);
    if (latencies === undefined) this.#latencies.set(status, (latencies = new Latencies()));
    latencies.add(ms);
  }
}
