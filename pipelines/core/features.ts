import type { Feature, ModelManifest } from './manifest.ts';

/** Raw feature values by name, as mart.sql returns them and as a request carries them; null is a missing value. */
export type FeatureRow = Readonly<Record<string, number | string | null>>;

/**
 * The value that a model sees: numbers as they are, a category as the index of its value in the manifest, missing as
 * NaN. A category value that the manifest does not name counts as missing. The mart's SQL does the same
 * (`encodedFeatureSql`); one test holds the two together.
 */
export function encodeFeature(feature: Feature, value: number | string | null): number {
  if (value === null) return Number.NaN;
  if (feature.type === 'number') return Number(value);
  const index = feature.values.indexOf(String(value));
  return index < 0 ? Number.NaN : index;
}

/** Names of the features that `wanted` has and `present` lacks, or has of another type. */
export function missingFeatures(wanted: ModelManifest['features'], present: ModelManifest['features']): string[] {
  return Object.keys(wanted).filter((name) => wanted[name]?.type !== present[name]?.type);
}

/** Rows × features as the model's input: row-major float32 of length rows × features, in the manifest's order. */
export function encodeRows(manifest: Pick<ModelManifest, 'features'>, rows: readonly FeatureRow[]): Float32Array {
  const features = Object.entries(manifest.features);
  const input = new Float32Array(rows.length * features.length);
  for (const [index, row] of rows.entries()) {
    for (const [column, [name, feature]] of features.entries()) {
      input[index * features.length + column] = encodeFeature(feature, row[name] ?? null);
    }
  }
  return input;
}

/** The SQL expression that encodes a feature's column just as {@link encodeFeature} does, as FLOAT. */
export function encodedFeatureSql(name: string, feature: Feature): string {
  const column = `"${name}"`;
  if (feature.type === 'number') return `coalesce(${column}::FLOAT, 'NaN'::FLOAT)`;
  const cases = feature.values.map((value, index) => `WHEN '${value.replaceAll("'", "''")}' THEN ${index}::FLOAT`);
  return `(CASE ${column}::VARCHAR ${cases.join(' ')} ELSE 'NaN'::FLOAT END)`;
}
