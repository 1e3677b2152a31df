import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from '../config.ts';
import type { Day } from '../core/days.ts';
import { hasCode, hashValue, onDisk } from './files.ts';
import type { Home } from './home.ts';

/**
 * Where a model's mart lies: `stage-<hash>.duckdb` (source rows taken in), `features-<hash>/as_of=<day>/part.parquet`
 * and `labels-<hash>/…`. The hashes are of everything that decides the content (tables, SQL, manifest), so a changed
 * query is a new mart, built anew beside the old one.
 */
export interface MartFiles {
  folder: string;
  stage: string;
  features: (day: Day) => string;
  labels: (day: Day) => string;
  featureDays(): Promise<Day[]>;
  labelDays(): Promise<Day[]>;
  /** The names in the folder that belong to this mart; the others are of former queries. */
  current: readonly string[];
}

const PART = 'part.parquet';

/** The layout of a model's mart. */
export function martFiles(home: Home, model: Model): MartFiles {
  const { manifest } = model;
  const stageHash = shortHash(manifest.source);
  const featureHash = shortHash([stageHash, model.martSql, manifest.entity, manifest.features]);
  const labelHash = shortHash([featureHash, model.labelSql, manifest.label.maturityDays]);
  const folder = path.join(home.mart, model.name);
  const [stage, features, labels] = [`stage-${stageHash}.duckdb`, `features-${featureHash}`, `labels-${labelHash}`];
  const part = (kind: string) => (day: Day) => path.join(folder, kind, `as_of=${day}`, PART);
  return {
    folder,
    stage: path.join(folder, stage),
    features: part(features),
    labels: part(labels),
    featureDays: () => daysIn(path.join(folder, features), PART),
    labelDays: () => daysIn(path.join(folder, labels), PART),
    current: [stage, features, labels],
  };
}

/** The as-of days whose partition holds a file; a kill can leave a folder that is still empty. */
export async function daysIn(folder: string, file: string): Promise<Day[]> {
  try {
    const names = await onDisk(folder, () => readdir(folder, { recursive: true }));
    const partitions = names.filter((name) => name.startsWith('as_of=') && path.basename(name) === file);
    return partitions.map((name) => path.dirname(name).slice('as_of='.length)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function shortHash(value: unknown): string {
  return hashValue(value).slice(0, 8);
}
