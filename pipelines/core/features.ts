import type { Feature, ModelManifest } from './manifest.ts';

/** Raw feature values by name, as mart.sql returns them and as a request carries them; null is a missing value. */
export type FeatureRow = Readonly<Record<string, number | string | null>>;

type NumberFeature = Extract<Feature, { type: 'number' }>;

/**
 * The value that a model sees: numbers as they are or as their range has it, a category as the index of its value in the
 * manifest, missing as NaN. A category value that the manifest does not name counts as missing. The mart's SQL does the
 * same (`encodedFeatureSql`); one test holds the two together.
 */
export function encodeFeature(feature: Feature, value: number | string | null): number {
  if (value === null) return Number.NaN;
  if (feature.type === 'number') return within(feature, Number(value));
  const index = feature.values.indexOf(String(value));
  return index < 0 ? Number.NaN : index;
}

/** Whether a number lies outside a feature's range. */
export function isOutside({ range }: NumberFeature, value: number): boolean {
  return range !== undefined && (value < (range.min ?? -Infinity) || value > (range.max ?? Infinity));
}

function within(feature: NumberFeature, value: number): number {
  if (!isOutside(feature, value)) return value;
  const { min = -Infinity, max = Infinity, outside } = feature.range ?? {};
  if (outside === 'missing') return Number.NaN;
  return outside === 'clip' ? Math.min(Math.max(value, min), max) : value;
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
  if (feature.type === 'number') return `coalesce(${rangeSql(column, feature)}::FLOAT, 'NaN'::FLOAT)`;
  const cases = feature.values.map((value, index) => `WHEN '${value.replaceAll("'", "''")}' THEN ${index}::FLOAT`);
  return `(CASE ${column}::VARCHAR ${cases.join(' ')} ELSE 'NaN'::FLOAT END)`;
}

/** The SQL condition that a column lies outside its feature's range; never true for NULL. */
export function outsideSql(name: string, { range }: NumberFeature): string {
  const sides = [
    ...(range?.min === undefined ? [] : [`"${name}"::DOUBLE < ${range.min}`]),
    ...(range?.max === undefined ? [] : [`"${name}"::DOUBLE > ${range.max}`]),
  ];
  return sides.length === 0 ? 'false' : `coalesce(${sides.join(' OR ')}, false)`;
}

function rangeSql(column: string, { range }: NumberFeature): string {
  if (range === undefined || range.outside === 'refuse') return column;
  const instead = (bound: number) => (range.outside === 'clip' ? String(bound) : 'NULL');
  const below = range.min === undefined ? '' : ` WHEN ${column}::DOUBLE < ${range.min} THEN ${instead(range.min)}`;
  const above = range.max === undefined ? '' : ` WHEN ${column}::DOUBLE > ${range.max} THEN ${instead(range.max)}`;
  return `(CASE${below}${above} ELSE ${column}::DOUBLE END)`;
}
