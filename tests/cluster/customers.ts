import { setTimeout as sleep } from 'node:timers/promises';
import type { FeatureRow } from '../../pipelines/core/features.ts';

const TIMEOUT_MS = 5000;

/** Customers of the shop who come evenly until they are told to stop. */
export class Customers {
  /** Answers by the version that gave them. */
  readonly versions: Record<string, number> = {};
  asked = 0;
  failed = 0;
  /** When the first of them got no answer, by `performance.now()`. */
  firstFailure: number | undefined;
  readonly #url: string;
  #stopped = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Asks for the scores of `rows`, one after the other and again from the first. */
  async come(perSecond: number, rows: readonly FeatureRow[]): Promise<void> {
    for (let at = 0; !this.#stopped; at = (at + 1) % rows.length) {
      void this.#ask(rows[at] ?? {});
      await sleep(1000 / perSecond);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #ask(row: FeatureRow): Promise<void> {
    this.asked += 1;
    const version = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ row }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(
      async (response) => (response.ok ? ((await response.json()) as { version: string }).version : undefined),
      () => undefined,
    );
    if (version === undefined) {
      this.failed += 1;
      this.firstFailure ??= performance.now();
    } else this.versions[version] = (this.versions[version] ?? 0) + 1;
  }
}
