import { encodeFeature, isOutside } from '../../pipelines/core/features.ts';
import type { Feature, ModelManifest } from '../../pipelines/core/manifest.ts';
import { RequestError } from './request-error.ts';

const SHOWN_VALUES = 10;

/** Reads rows of named features as a version takes them. */
export interface RowReader {
  columns: number;
  /**
   * Checks one row and writes it as float32 to `into` from `at` on: each feature given, none more, of its type and
   * within its range; `null` is a missing value. `path` says where the row stands in the request.
   * Errors: REQUEST_INVALID, FEATURE_MISSING, FEATURE_UNKNOWN, FEATURE_OUT_OF_RANGE.
   */
  read(row: unknown, into: Float32Array, at: number, path: () => string): void;
}

/** The reader for the features of a version, in their order. */
export function rowReader(features: ModelManifest['features']): RowReader {
  const entries = Object.entries(features);
  return {
    columns: entries.length,
    read(row, into, at, path) {
      if (!isObject(row)) throw invalid('A row must be an object of features', row, path());
      let column = at;
      for (const [name, feature] of entries) {
        const value = row[name];
        into[column] =
          typeof value === 'number' && feature.type === 'number' && feature.range === undefined && fits(value)
            ? value
            : readValue(features, row, name, path);
        column += 1;
      }
      const unknown = Object.keys(row).length === entries.length ? undefined : unknownFeature(features, row, path());
      if (unknown !== undefined) throw unknown;
    },
  };
}

/** All `rows` as row-major float32, rows × features. Errors as {@link RowReader.read}. */
export function readRows(reader: RowReader, rows: readonly unknown[], path: (index: number) => string): Float32Array {
  const input = new Float32Array(rows.length * reader.columns);
  for (const [index, row] of rows.entries()) reader.read(row, input, index * reader.columns, () => path(index));
  return input;
}

/** Error: REQUEST_INVALID above `limit` rows. */
export function checkRowCount(rows: number, limit: number, path: string): void {
  if (rows <= limit) return;
  throw new RequestError('REQUEST_INVALID', `The request has ${rows} rows; at most ${limit} are taken.`, {
    hint: 'Send them in several requests, or have all entities scored at once by: npx cleaver deliver',
    path,
  });
}

/** Whether a number stays finite as the float32 that a model takes. */
export function isFiniteFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value));
}

/** Beyond 3.4e38 a number is infinite as float32; the exact bound is left to {@link isFiniteFloat32}. */
function fits(value: number): boolean {
  return value < 3.4e38 && value > -3.4e38;
}

function readValue(
  features: ModelManifest['features'],
  row: Record<string, unknown>,
  name: string,
  path: () => string,
): number {
  const feature = features[name];
  // A name that is not known is most often the one that is missing, misspelled.
  if (!Object.hasOwn(row, name) || feature === undefined)
    throw unknownFeature(features, row, path()) ?? missingFeature(name, path());
  const value = row[name];
  if (value === null) return Number.NaN;
  return feature.type === 'number' ? readNumber(name, feature, value, path) : readCategory(name, feature, value, path);
}

function readNumber(
  name: string,
  feature: Extract<Feature, { type: 'number' }>,
  value: unknown,
  path: () => string,
): number {
  const at = () => `${path()}.${name}`;
  if (typeof value !== 'number') throw invalid(`${name} must be a number or null`, value, at());
  if (!isFiniteFloat32(value)) throw invalid(`${name} must be a finite 32-bit number or null`, value, at());
  if (feature.range?.outside === 'refuse' && isOutside(feature, value))
    throw outOfRange(name, feature.range, value, at());
  return encodeFeature(feature, value);
}

function readCategory(
  name: string,
  feature: Extract<Feature, { type: 'category' }>,
  value: unknown,
  path: () => string,
): number {
  const index = typeof value === 'string' || typeof value === 'number' ? encodeFeature(feature, value) : Number.NaN;
  if (!Number.isNaN(index)) return index;
  const more = feature.values.length > SHOWN_VALUES ? ', …' : '';
  const known = feature.values.slice(0, SHOWN_VALUES).join(', ') + more;
  throw invalid(`${name} must be one of ${known}, or null`, value, `${path()}.${name}`);
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

function outOfRange(
  name: string,
  { min, max }: { min?: number | undefined; max?: number | undefined },
  value: number,
  path: string,
): RequestError {
  const bounds = [min === undefined ? [] : [`at least ${min}`], max === undefined ? [] : [`at most ${max}`]].flat();
  return new RequestError('FEATURE_OUT_OF_RANGE', `${name} must be ${bounds.join(' and ')}, not ${value}.`, {
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

function unknownFeature(
  features: ModelManifest['features'],
  row: Record<string, unknown>,
  path: string,
): RequestError | undefined {
  const name = Object.keys(row).find((key) => !Object.hasOwn(features, key));
  if (name === undefined) return undefined;
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
