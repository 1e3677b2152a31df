import type { FeatureRow } from '../pipelines/core/features.ts';
import type { Feature, ModelManifest } from '../pipelines/core/manifest.ts';
import { RequestError } from './request-error.ts';

const MAX_ROWS = 10_000;
const SHOWN_VALUES = 10;

/**
 * Holds `rows` against the features of a version: each feature given, none more, of its type. `null` is a missing
 * value. `path` says where a row stands in the request. Errors: REQUEST_INVALID, FEATURE_MISSING, FEATURE_UNKNOWN.
 */
export function checkRows(
  features: ModelManifest['features'],
  rows: readonly unknown[],
  path: (index: number) => string,
): FeatureRow[] {
  checkRowCount(rows.length, 'rows');
  return rows.map((row, index) => checkRow(features, row, path(index)));
}

/** Error: REQUEST_INVALID above 10,000 rows. */
export function checkRowCount(rows: number, path: string): void {
  if (rows <= MAX_ROWS) return;
  throw new RequestError('REQUEST_INVALID', `The request has ${rows} rows; at most ${MAX_ROWS} are taken.`, {
    hint: 'Send them in several requests, or have all entities scored at once by: npx cleaver deliver',
    path,
  });
}

/** Whether a number stays finite as the float32 that a model takes. */
export function isFiniteFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

function checkRow(features: ModelManifest['features'], row: unknown, path: string): FeatureRow {
  if (!isObject(row)) throw invalid('A row must be an object of features', row, path);
  for (const name of Object.keys(row)) {
    if (!Object.hasOwn(features, name)) throw unknownFeature(features, name, path);
  }
  for (const [name, feature] of Object.entries(features)) {
    if (!Object.hasOwn(row, name)) throw missingFeature(name, path);
    checkValue(name, feature, row[name], `${path}.${name}`);
  }
  return row as FeatureRow;
}

function checkValue(name: string, feature: Feature, value: unknown, path: string): void {
  if (value === null) return;
  if (feature.type === 'number') {
    if (typeof value !== 'number') throw invalid(`${name} must be a number or null`, value, path);
    if (!isFiniteFloat32(value)) throw invalid(`${name} must be a finite 32-bit number or null`, value, path);
  } else if (!(typeof value === 'string' || typeof value === 'number') || !feature.values.includes(String(value))) {
    const more = feature.values.length > SHOWN_VALUES ? ', …' : '';
    const known = feature.values.slice(0, SHOWN_VALUES).join(', ') + more;
    throw invalid(`${name} must be one of ${known}, or null`, value, path);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(rule: string, value: unknown, path: string): RequestError {
  return new RequestError('REQUEST_INVALID', `${rule}, not ${shown(value)}.`, {
    hint: 'Correct the value; send null when it is not known.',
    path,
  });
}

function missingFeature(name: string, path: string): RequestError {
  return new RequestError('FEATURE_MISSING', `The feature ${name} is missing.`, {
    hint: 'Send every feature of the version; null when the value is not known.',
    path,
  });
}

function unknownFeature(features: ModelManifest['features'], name: string, path: string): RequestError {
  return new RequestError('FEATURE_UNKNOWN', `The model has no feature ${shown(name)}.`, {
    hint: `It knows: ${Object.keys(features).join(', ')}.`,
    path,
  });
}

function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
