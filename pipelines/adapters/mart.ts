import type { Day } from '../core/days.ts';
import type { ModelManifest } from '../core/manifest.ts';
import type { Source } from './source.ts';

type Features = ModelManifest['features'];

/** Rows of the mart as a model takes them, in the order of as-of day and entity. */
export interface MartRows {
  rows: number;
  entities: string[];
  /** Row-major float32, rows × features, encoded by the features asked for. */
  features: Float32Array;
  /** 0 or 1; empty when labels were not asked for. */
  labels: Uint8Array;
}

export interface TrainingRows {
  train: number;
  valid: number;
  /** Rows with label 1, in both together. */
  positives: number;
}

/**
 * The engine that makes and reads a model's mart: one row for each entity and as-of day. DuckDB does it on one machine
 * (`duckdb-mart.ts`); another engine runs the same two queries. Errors: MART_*, FEATURE_NOT_FINITE, LABEL_INVALID,
 * BUSY, DISK_FULL, and the source's.
 */
export interface Mart {
  /** The newest day whose source rows are all staged, and the first on which every table had rows. */
  staged(): Promise<{ first: Day; through: Day } | undefined>;
  /** Takes in all source rows up to the end of `asOf`, all or none; rows read for each table. */
  stage(source: Source, asOf: Day): Promise<Record<string, number>>;
  /** As-of days that have features, in order; and those that also have mature labels. */
  featureDays(): Promise<Day[]>;
  labelDays(): Promise<Day[]>;
  /** Builds one day's features from rows known by its end, or its labels from rows known when they are mature; rows made. */
  buildFeatures(day: Day): Promise<number>;
  buildLabels(day: Day): Promise<number>;
  /** Hash over the contents of the given days' features and labels. */
  hashOf(days: readonly Day[]): Promise<string>;
  /**
   * Writes labelled rows as two Parquet files with the encoded features as float32 and `label`; one entity in five goes
   * to `valid`. More than `maxRows` rows are thinned by hash.
   */
  exportTraining(days: readonly Day[], maxRows: number, files: { train: string; valid: string }): Promise<TrainingRows>;
  /** Rows of some days, encoded by a version's features; with `labelled`, only those with a label. */
  read(days: readonly Day[], features: Features, labelled: boolean): Promise<MartRows>;
  close(): Promise<void>;
}
