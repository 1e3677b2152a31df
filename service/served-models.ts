import type { ModelVersion } from '../pipelines/adapters/registry.ts';
import { championMissing, unknownModel, versionNotServed } from './model-errors.ts';
import { type LoadSources, loadModel } from './load-model.ts';
import type { LoadedModel } from './loaded-model.ts';

/** What happened to a served model; for metrics and the log. */
export type ModelEvent =
  | { kind: 'loaded'; model: string; version: ModelVersion; replaced?: string | undefined }
  | { kind: 'load-failed'; model: string; champion?: string | undefined; serving?: string | undefined; error: unknown }
  | { kind: 'removed'; model: string; version: string }
  | { kind: 'close-failed'; model: string; version: string; error: unknown }
  | { kind: 'registry-failed'; error: unknown };

export interface ModelStatus {
  model: string;
  /** The version that answers requests. */
  serving?: { version: string; loadedAt: Date } | undefined;
  /** Why the champion is not served; an older version may be. */
  problem?: unknown;
}

export interface ServedModelsOptions extends LoadSources {
  onEvent: (event: ModelEvent) => void;
  /** After a failure all is tried again this much later. */
  retryMs?: number;
}

interface Slot {
  loaded?: LoadedModel | undefined;
  problem?: Error | undefined;
}

/**
 * Keeps the champion of every registered model in memory. A new champion is loaded and tried beside the old one and
 * takes over in one step; requests that run on the old one end there. One that does not load leaves the old in place.
 */
export class ServedModels {
  readonly #options: ServedModelsOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #retiring = new Set<Promise<void>>();
  readonly #unwatch: () => void;
  #registryProblem: unknown;
  #retry: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #changed = false;
  #closed = false;

  constructor(options: ServedModelsOptions) {
    this.#options = options;
    this.#unwatch = options.registry.watch(() => void this.refresh());
  }

  /** Every registered model, by name. */
  statuses(): ModelStatus[] {
    return [...this.#slots.entries()]
      .map(([model, { loaded, problem }]) => ({
        model,
        serving: loaded && { version: loaded.version.version, loadedAt: loaded.loadedAt },
        problem,
      }))
      .sort((a, b) => (a.model < b.model ? -1 : 1));
  }

  /** Set while the registry as a whole cannot be read. */
  get registryProblem(): unknown {
    return this.#registryProblem;
  }

  /**
   * Runs `work` on the version that is served now, which stays open until `work` has settled. Asked for a version, it
   * must be that one. Errors: MODEL_UNKNOWN, CHAMPION_MISSING, REGISTRY_VERSION_UNKNOWN, or why it does not load.
   */
  async use<Result>(model: string, work: (loaded: LoadedModel) => Promise<Result>, version?: string): Promise<Result> {
    const slot = this.#slots.get(model);
    if (slot === undefined) throw unknownModel(model, [...this.#slots.keys()]);
    if (slot.loaded === undefined) throw slot.problem ?? championMissing(model);
    const served = slot.loaded.version.version;
    if (version !== undefined && version !== served) throw versionNotServed(model, version, served);
    return await slot.loaded.use(work);
  }

  /** Brings the served models in line with the registry; failures end in the statuses and events, not here. */
  async refresh(): Promise<void> {
    // A change during a refresh may come too late for it, so one more round follows.
    this.#changed = true;
    this.#running ??= this.#refreshUntilStill().finally(() => (this.#running = undefined));
    await this.#running;
  }

  /** Stops watching and closes every model when its last request is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    clearTimeout(this.#retry);
    await this.#running;
    for (const model of [...this.#slots.keys()]) this.#remove(model);
    await Promise.all(this.#retiring);
  }

  async #refreshUntilStill(): Promise<void> {
    while (this.#changed && !this.#closed) {
      this.#changed = false;
      await this.#refreshOnce();
    }
  }

  async #refreshOnce(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      const models = new Set(await this.#options.registry.models());
      for (const model of models) await this.#refreshModel(model);
      for (const model of [...this.#slots.keys()].filter((name) => !models.has(name))) this.#remove(model);
      this.#registryProblem = undefined;
    } catch (error) {
      this.#registryProblem = error;
      this.#options.onEvent({ kind: 'registry-failed', error });
      this.#retryLater();
    }
  }

  async #refreshModel(model: string): Promise<void> {
    const { registry, onEvent } = this.#options;
    const slot = this.#slots.get(model) ?? {};
    this.#slots.set(model, slot);
    const serving = slot.loaded?.version.version;
    let champion: string | undefined;
    try {
      champion = await registry.alias(model, 'champion');
      if (champion !== undefined && champion !== serving) {
        this.#swap(slot, await loadModel(await registry.version(model, champion), this.#options));
      }
      slot.problem = champion === undefined ? championMissing(model) : undefined;
    } catch (error) {
      slot.problem = error instanceof Error ? error : new Error(String(error));
      onEvent({ kind: 'load-failed', model, champion, serving, error });
      this.#retryLater();
    }
  }

  #swap(slot: Slot, loaded: LoadedModel): void {
    const old = slot.loaded;
    slot.loaded = loaded;
    const replaced = old?.version.version;
    this.#options.onEvent({ kind: 'loaded', model: loaded.version.model, version: loaded.version, replaced });
    if (old !== undefined) this.#retire(old);
  }

  #remove(model: string): void {
    const loaded = this.#slots.get(model)?.loaded;
    this.#slots.delete(model);
    if (loaded === undefined) return;
    this.#retire(loaded);
    if (!this.#closed) this.#options.onEvent({ kind: 'removed', model, version: loaded.version.version });
  }

  #retire(loaded: LoadedModel): void {
    const { model, version } = loaded.version;
    const retiring = loaded
      .retire()
      .catch((error: unknown) => {
        this.#options.onEvent({ kind: 'close-failed', model, version, error });
      })
      .finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    if (this.#closed) return;
    this.#retry = setTimeout(() => void this.refresh(), this.#options.retryMs ?? 30_000).unref();
  }
}
