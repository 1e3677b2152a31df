import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answered {
  /** When it was due to be sent, by `performance.now()`. */
  at: number;
  ms: number;
  /** The version that answered; undefined for a request that failed. */
  version?: string;
  /** Why it failed. */
  failure?: string;
}

export interface SteadyLoadOptions {
  /** A prediction's whole address. */
  url: string;
  body: string;
  perSecond: number;
}

/** A request may wait so long for its answer. */
const TIMEOUT_MS = 5000;
/** What a tick is late counts as the answer's time. */
const TICK_MS = 1;

/**
 * Requests that come evenly from outside, whether or not earlier ones are answered: every other one on a connection of its
 * own, as from many customers, the rest on connections that are kept alive, as from one shop. None is sent twice.
 */
export class SteadyLoad {
  readonly answered: Answered[] = [];
  readonly #options: SteadyLoadOptions;
  readonly #kept = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #fresh = new Agent({ keepAlive: false });
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #running = 0;

  constructor(options: SteadyLoadOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      const due = 1 + Math.floor(((performance.now() - this.#begun) / 1000) * options.perSecond);
      while (this.#sent < due) this.#send(this.#begun + (this.#sent * 1000) / options.perSecond);
    }, TICK_MS);
  }

  get failed(): Answered[] {
    return this.answered.filter(({ failure }) => failure !== undefined);
  }

  /** The time in ms that a share of the requests, sent between two moments, was answered within. */
  quantile(share: number, from: number, to = Number.POSITIVE_INFINITY): number {
    const times = this.answered.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms);
    return times.sort((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  }

  /** Sends no more, and waits for the answers that are still to come. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#running > 0) await sleep(20);
    this.#kept.destroy();
    this.#fresh.destroy();
  }

  #send(at: number): void {
    const { url, body } = this.#options;
    this.#sent += 1;
    this.#running += 1;
    const end = (outcome: Pick<Answered, 'version' | 'failure'>) => {
      this.#running -= 1;
      this.answered.push({ at, ms: performance.now() - at, ...outcome });
    };
    const sent = request(url, {
      method: 'POST',
      agent: this.#sent % 2 === 0 ? this.#kept : this.#fresh,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if (response.statusCode === 200) end({ version: (JSON.parse(text) as { version: string }).version });
        else end({ failure: `${response.statusCode ?? 0} ${text}` });
      });
      response.on('error', (error) => {
        end({ failure: `in the answer: ${error.message}` });
      });
    });
    sent.on('error', (error) => {
      end({ failure: error.message });
    });
    sent.end(body);
  }
}
