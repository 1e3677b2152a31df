import path from 'node:path';
import type { Alias, ModelVersion, Registry } from '../../pipelines/adapters/registry.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'models');

/** A registry in memory: its model files are the fixtures under tests/models. */
export interface FakeRegistry extends Registry {
  /** Adds a version whose file is that fixture (`first`, `second`, `wide`, `logit`). */
  add(model: string, version: string, fixture: string): void;
  /** Makes a version champion and tells the watchers. */
  promote(model: string, version: string): Promise<void>;
  remove(model: string): void;
  /** While set, every reading throws it. */
  broken: Error | undefined;
}

/** An empty one. */
export function fakeRegistry(): FakeRegistry {
  const models = new Map<string, { versions: ModelVersion[]; aliases: Map<Alias, string> }>();
  const watchers = new Set<() => void>();
  const tellWatchers = () => {
    for (const watcher of watchers) watcher();
  };
  const entry = (model: string) => {
    if (registry.broken !== undefined) throw registry.broken;
    return models.get(model);
  };
  const registry: FakeRegistry = {
    broken: undefined,
    add(model, version, fixture) {
      const known = models.get(model) ?? { versions: [], aliases: new Map<Alias, string>() };
      models.set(model, known);
      known.versions.push(fakeVersion(model, version, fixture));
    },
    promote: (model, version) => registry.setAlias(model, 'champion', version),
    remove(model) {
      models.delete(model);
      tellWatchers();
    },
    async models() {
      entry('');
      return await Promise.resolve([...models.keys()].sort());
    },
    versions: async (model) => await Promise.resolve(entry(model)?.versions ?? []),
    async version(model, version) {
      const found = (await registry.versions(model)).find((each) => each.version === version);
      if (found !== undefined) return found;
      throw new CleaverError('REGISTRY_VERSION_UNKNOWN', `no ${model} ${version}`, { hint: 'add it' });
    },
    register: () => Promise.reject(new Error('the fake takes no files in; use add')),
    modelFile: async ({ sha256 }) => await Promise.resolve(path.join(FIXTURES, `${sha256}.onnx`)),
    alias: async (model, alias) => await Promise.resolve(entry(model)?.aliases.get(alias)),
    async setAlias(model, alias, version) {
      models.get(model)?.aliases.set(alias, version);
      tellWatchers();
      await Promise.resolve();
    },
    watch(onChange) {
      watchers.add(onChange);
      return () => void watchers.delete(onChange);
    },
  };
  return registry;
}

/** A version of a model with two features, a number and a category, whose file is a fixture. */
export function fakeVersion(model: string, version: string, fixture: string): ModelVersion {
  return {
    model,
    version,
    sha256: fixture,
    features: { orders: { type: 'number' }, tier: { type: 'category', values: ['basic', 'gold'] } },
    input: 'features',
    output: 'score',
    asOf: '2025-04-01',
    window: { from: '2025-03-01', to: '2025-03-29' },
    rows: 1000,
    runId: `run-${version}`,
    trainerMetrics: {},
  };
}
