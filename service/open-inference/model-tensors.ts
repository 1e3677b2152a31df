import type { FeatureRow } from '../../pipelines/core/features.ts';
import type { Feature } from '../../pipelines/core/manifest.ts';
import type { LoadedModel } from '../models/loaded-model.ts';

/** One feature of a version, as a column of the model's input. */
export interface Column {
  index: number;
  name: string;
  feature: Feature;
  /** The same with the bounds of its range as float32, for values that are float32 already. */
  asFloat32: Feature;
  /** The index that stands for each category; undefined for a number. */
  categories: ReadonlyMap<string, number> | undefined;
}

/** Rows as a version takes them: row-major float32, NaN for a missing value. */
export interface RequestRows {
  values: Float32Array;
  rows: number;
}

/** What a version takes and gives, prepared once so that a request does not have to. */
export interface ModelTensors {
  /** Name of the one tensor `[rows, features]`. */
  input: string;
  output: string;
  columns: readonly Column[];
  byName: ReadonlyMap<string, Column>;
  /** The columns of which not every number is a value. */
  checked: readonly Column[];
  /** What it takes and gives, as a text that is the same for versions that can stand for each other. */
  interface: string;
  /** The beginning of each answer in JSON. */
  head: string;
  /** The output's beginning in it, up to the number of rows. */
  outputHead: string;
}

type Loaded = Pick<LoadedModel, 'version'> & { scorer: Pick<LoadedModel['scorer'], 'input' | 'output'> };

const prepared = new WeakMap<Loaded, ModelTensors>();

/** The tensors of a loaded version. */
export function tensorsOf(loaded: Loaded): ModelTensors {
  const known = prepared.get(loaded);
  if (known !== undefined) return known;
  const { model, version, features } = loaded.version;
  const { input, output } = loaded.scorer;
  const columns = Object.entries(features).map(([name, feature], index) => columnOf(name, feature, index));
  const tensors: ModelTensors = {
    input,
    output,
    columns,
    byName: new Map(columns.map((column) => [column.name, column])),
    checked: columns.filter(({ feature }) => feature.type === 'category' || feature.range !== undefined),
    interface: JSON.stringify([input, output, features]),
    head: `{"model_name":${JSON.stringify(model)},"model_version":${JSON.stringify(version)}`,
    outputHead: `,"outputs":[{"name":${JSON.stringify(output)},"datatype":"FP32","shape":[`,
  };
  prepared.set(loaded, tensors);
  return tensors;
}

/** Rows of a version by the names of its features, as another version can read them. */
export function namedRows({ columns }: ModelTensors, { values, rows }: RequestRows): FeatureRow[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(
      columns.map((column) => [column.name, nameOf(column, values[row * columns.length + column.index])]),
    ),
  );
}

function nameOf({ feature }: Column, value = Number.NaN): number | string | null {
  if (Number.isNaN(value)) return null;
  return feature.type === 'category' ? (feature.values[value] ?? null) : value;
}

function columnOf(name: string, feature: Feature, index: number): Column {
  const categories = feature.type === 'category' ? new Map(feature.values.map((value, at) => [value, at])) : undefined;
  return { index, name, feature, asFloat32: withFloat32Range(feature), categories };
}

function withFloat32Range(feature: Feature): Feature {
  if (feature.type !== 'number' || feature.range === undefined) return feature;
  const { min, max, outside } = feature.range;
  const range = {
    outside,
    ...(min === undefined ? {} : { min: Math.fround(min) }),
    ...(max === undefined ? {} : { max: Math.fround(max) }),
  };
  return { ...feature, range };
}
