import { spread } from './figures.ts';
import { openLoop, type LoadOptions } from './load.ts';

const PER_SECOND = 100;
const WINDOW_MS = 100;
const LEAST_LIMIT_MS = 5;

interface Sample {
  at: number;
  status: number;
  ms: number;
}

/** A few requests, evenly all the time beside a load: what one client sees before it, while it lasts and after it. */
export class Canary {
  readonly #samples: Sample[] = [];
  readonly #done: Promise<unknown>;

  constructor(options: Pick<LoadOptions, 'port' | 'requests' | 'seconds'>) {
    this.#done = openLoop({
      ...{ ...options, connections: 4, perSecond: PER_SECOND },
      onAnswer: (status, ms, at) => this.#samples.push({ at, status, ms }),
    });
  }

  /**
   * How long after the load's end (`to`, by `performance.now()`) the last tenth of a second ended that was not normal:
   * without an answer, with one that is not 200, or with a median over twice the p99 from before the load (5 ms at least).
   */
  async recoveredMs(from: number, to: number): Promise<number> {
    await this.#done;
    const before = this.#samples.filter(({ at }) => at < from);
    const limit = Math.max(LEAST_LIMIT_MS, 2 * quantile(before, 0.99));
    const after = this.#samples.filter(({ at }) => at >= to);
    const windows = Math.floor(((after.at(-1)?.at ?? to) - to) / WINDOW_MS);
    if (windows < 1) return Number.POSITIVE_INFINITY;
    const isBad = (window: number) => {
      const inside = after.filter(({ at }) => Math.floor((at - to) / WINDOW_MS) === window);
      return inside.length === 0 || inside.some(({ status }) => status !== 200) || median(inside) > limit;
    };
    const lastBad = Array.from({ length: windows }, (_, window) => window).findLast(isBad) ?? -1;
    return (lastBad + 1) * WINDOW_MS;
  }
}

function quantile(samples: readonly Sample[], share: number): number {
  const sorted = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

function median(samples: readonly Sample[]): number {
  return spread(samples.map(({ ms }) => ms)).median;
}
