import type { ModelVersion } from '../../pipelines/adapters/registry.ts';
import { championMissing, unknownModel, versionNotServed } from './model-errors.ts';
import { type LoadSources, loadModel } from './load-model.ts';
import type { LoadedModel } from './loaded-model.ts';

/** What happened to a served model; for metrics and the log. */
export type ModelEvent =
  | { kind: 'loaded'; model: string; version: ModelVersion; replaced?: string | undefined }
  | { kind: 'load-failed'; model: string; champion?: string | undefined; serving?: string | undefined; error: unknown }
  | { kind: 'challenger-loaded'; model: string; version: ModelVersion }
  | { kind: 'challenger-failed'; model: string; challenger?: string | undefined; error: unknown }
  | { kind: 'removed'; model: string; version: string }
  | { kind: 'close-failed'; model: string; version: string; error: unknown }
  | { kind: 'registry-failed'; error: unknown };

export interface ModelStatus {
  model: string;
  /** The version that answers requests. */
  serving?: { version: string; loadedAt: Date } | undefined;
  /** Rows that wait to be scored by it. */
  waitingRows: number;
  /** The challenger, where it is kept beside. */
  challenger?: string | undefined;
  /** Why the champion is not served; an older version may be. */
  problem?: unknown;
}

export interface ServedModelsOptions extends LoadSources {
  onEvent: (event: ModelEvent) => void;
  /** Keeps each model's challenger beside its champion, for those who ask for it by version, the shadow and the canary. */
  challengers?: boolean;
  /** After a failure all is tried again this much later. */
  retryMs?: number;
}

interface Slot {
  loaded?: LoadedModel | undefined;
  challenger?: LoadedModel | undefined;
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
  /** Set when the server is about to end: it answers, and whoever has a choice should ask another one. */
  isEnding = false;
  #isStarting = true;
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
      .map(([model, { loaded, challenger, problem }]) => ({
        model,
        serving: loaded && { version: loaded.version.version, loadedAt: loaded.loadedAt },
        waitingRows: loaded?.waitingRows ?? 0,
        challenger: challenger?.version.version,
        problem,
      }))
      .sort((a, b) => (a.model < b.model ? -1 : 1));
  }

  /** Until every champion has been tried once. */
  get isStarting(): boolean {
    return this.#isStarting;
  }

  /** Set while the registry as a whole cannot be read. */
  get registryProblem(): unknown {
    return this.#registryProblem;
  }

  /**
   * Runs `work` on the champion, which stays open until `work` has settled; where a version is asked for, on that one,
   * which must be the champion or the challenger kept beside it. Errors: MODEL_UNKNOWN, CHAMPION_MISSING, REGISTRY_VERSION_UNKNOWN, or why it does not load.
   */
  async use<Result>(model: string, work: (loaded: LoadedModel) => Promise<Result>, version?: string): Promise<Result> {
    const slot = this.#slots.get(model);
    if (slot === undefined) throw unknownModel(model, [...this.#slots.keys()]);
    if (slot.loaded === undefined) throw slot.problem ?? championMissing(model);
    if (version === undefined) return await slot.loaded.use(work);
    const asked = [slot.loaded, slot.challenger].find((loaded) => loaded?.version.version === version);
    if (asked === undefined) throw versionNotServed(model, version, this.versions(model));
    return await asked.use(work);
  }

  /** The versions of a model that answer requests, the champion first. */
  versions(model: string): string[] {
    const { loaded, challenger } = this.#slots.get(model) ?? {};
    return [loaded, challenger].flatMap((each) => (each === undefined ? [] : [each.version.version]));
  }

  /** The champion of a model and the challenger kept beside it, where there are both. */
  pair(model: string): { champion: LoadedModel; challenger: LoadedModel } | undefined {
    const { loaded, challenger } = this.#slots.get(model) ?? {};
    if (loaded === undefined || challenger === undefined || challenger === loaded) return undefined;
    return { champion: loaded, challenger };
  }

  /** Runs `work` on the challenger of a model, where it is kept. */
  async useChallenger(model: string, work: (loaded: LoadedModel) => Promise<void>): Promise<void> {
    await this.#slots.get(model)?.challenger?.use(work);
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
      this.#isStarting = false;
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
        this.#swap(slot, await this.#loadedOr(slot.challenger, model, champion));
      }
      slot.problem = champion === undefined ? championMissing(model) : undefined;
    } catch (error) {
      slot.problem = error instanceof Error ? error : new Error(String(error));
      onEvent({ kind: 'load-failed', model, champion, serving, error });
      this.#retryLater();
    }
    if (this.#options.challengers === true) await this.#refreshChallenger(model, slot);
  }

  async #refreshChallenger(model: string, slot: Slot): Promise<void> {
    const { registry, onEvent } = this.#options;
    let challenger: string | undefined;
    try {
      challenger = await registry.alias(model, 'challenger');
      if (challenger === slot.loaded?.version.version) challenger = undefined;
      const old = slot.challenger;
      if (challenger === old?.version.version) return;
      slot.challenger = challenger === undefined ? undefined : await this.#loadedOr(undefined, model, challenger);
      // As the champion it stays open.
      if (old !== undefined && old !== slot.loaded) this.#retire(old);
      if (slot.challenger !== undefined)
        onEvent({ kind: 'challenger-loaded', model, version: slot.challenger.version });
    } catch (error) {
      onEvent({ kind: 'challenger-failed', model, challenger, error });
      this.#retryLater();
    }
  }

  /** The version in memory, else from the registry. */
  async #loadedOr(inMemory: LoadedModel | undefined, model: string, version: string): Promise<LoadedModel> {
    if (inMemory?.version.version === version) return inMemory;
    return await loadModel(await this.#options.registry.version(model, version), this.#options);
  }

  #swap(slot: Slot, loaded: LoadedModel): void {
    const old = slot.loaded;
    slot.loaded = loaded;
    const replaced = old?.version.version;
    this.#options.onEvent({ kind: 'loaded', model: loaded.version.model, version: loaded.version, replaced });
    if (old !== undefined) this.#retire(old);
  }

  #remove(model: string): void {
    const { loaded, challenger } = this.#slots.get(model) ?? {};
    this.#slots.delete(model);
    if (challenger !== undefined && challenger !== loaded) this.#retire(challenger);
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
