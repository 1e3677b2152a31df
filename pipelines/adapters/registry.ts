import type { Day } from '../core/days.ts';
import type { ModelManifest } from '../core/manifest.ts';

/** What the registry knows of one trained model; written once, never changed. */
export interface ModelVersion {
  model: string;
  /** `v1`, `v2`, … in the order of registration. */
  version: string;
  /** Hash of the model file, which is also its name in the registry. */
  sha256: string;
  /** The features the model was trained on, in the order of its input; they may differ from today's manifest. */
  features: ModelManifest['features'];
  /** Names of the ONNX graph's input `[rows, features]` float32 and of the output that holds the scores. */
  input: string;
  output: string;
  /** The newest complete day when it was trained. */
  asOf: Day;
  /** Days it learned from, `[from, to)`. */
  window: { from: Day; to: Day };
  rows: number;
  runId: string;
  /** Figures of the trainer itself (metrics.json), for people. */
  trainerMetrics: Record<string, number>;
}

/** `champion` is served; `challenger` is the version trained last. */
export type Alias = 'champion' | 'challenger';

/**
 * Trained models, content-addressed, with aliases. Every write is made beside and renamed, so a reader sees all or
 * nothing. Errors: REGISTRY_VERSION_UNKNOWN, REGISTRY_CORRUPT, DISK_FULL.
 */
export interface Registry {
  /** Names of the models that have a version. */
  models(): Promise<string[]>;
  /** All versions, oldest first. */
  versions(model: string): Promise<ModelVersion[]>;
  version(model: string, version: string): Promise<ModelVersion>;
  /** Takes a model file in; the same file for the same run again gives the version it has. */
  register(file: string, version: Omit<ModelVersion, 'version' | 'sha256'>): Promise<ModelVersion>;
  /** The path of a version's ONNX file, its content checked against its hash. */
  modelFile(version: ModelVersion): Promise<string>;
  /** The version an alias names, or undefined. */
  alias(model: string, alias: Alias): Promise<string | undefined>;
  setAlias(model: string, alias: Alias, version: string): Promise<void>;
  /** Calls back soon after any alias has changed, in this process or another; ends by the returned function. */
  watch(onChange: () => void): () => void;
}
