const STEP_MS = 0.02;
const STEPS = 250_000;

/** Counts of latencies in steps of 20 µs up to 5 s; longer ones count as 5 s, but the longest of all is kept. */
export class Latencies {
  count = 0;
  maxMs = 0;
  readonly #counts = new Uint32Array(STEPS + 1);

  add(ms: number): void {
    const step = Math.min(STEPS, Math.floor(ms / STEP_MS));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.count += 1;
    if (ms > this.maxMs) this.maxMs = ms;
  }

  /** The upper end of the step in which that share (0 to 1) is reached; NaN of none. */
  quantileMs(share: number): number {
    if (this.count === 0) return Number.NaN;
    let left = Math.max(1, Math.ceil(share * this.count));
    for (const [step, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return (step + 1) * STEP_MS;
    }
    return this.maxMs;
  }
}
