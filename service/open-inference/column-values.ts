import { encodeFeature, isOutside } from '../../pipelines/core/features.ts';
import { RequestError } from '../request/request-error.ts';
import { invalid, quoted } from './invalid.ts';
import type { Column } from './model-tensors.ts';

const SHOWN_CATEGORIES = 10;

/** Where a value stands in the request, by its index in its tensor; asked for in an error only. */
export type Place = (index: number) => string;

/**
 * A number as the model sees it: within its range, or as the range's policy has it. NaN is a missing value. `isFloat32`
 * says that the value came as float32, so that a bound such as 0.1 is one too. Error: FEATURE_OUT_OF_RANGE.
 */
export function numberOf(column: Column, value: number, isFloat32: boolean, place: Place, index: number): number {
  const feature = isFloat32 ? column.asFloat32 : column.feature;
  if (feature.type === 'category' || feature.range === undefined) return value;
  if (feature.range.outside === 'refuse' && isOutside(feature, value)) throw outOfRange(column, value, place(index));
  return encodeFeature(feature, value);
}

/** The index that stands for a category's name. Error: REQUEST_INVALID for a name that the manifest does not have. */
export function categoryOf(column: Column, name: string, place: Place, index: number): number {
  const found = column.categories?.get(name);
  if (found === undefined) throw invalid(place(index), `${ruleOf(column)}, not ${quoted(name)}`);
  return found;
}

/** Checks the index of a category, as the one tensor has it. Error: REQUEST_INVALID. */
export function categoryIndex(column: Column, value: number, place: Place, index: number): number {
  const count = column.categories?.size ?? 0;
  if (Number.isNaN(value) || (Number.isInteger(value) && value >= 0 && value < count)) return value;
  throw invalid(
    place(index),
    `${column.name} is a category: in this tensor it is an index from 0 to ${count - 1}, not ${value}`,
  );
}

/** What a category must be, for people. */
export function ruleOf({ name, categories }: Column): string {
  const names = [...(categories?.keys() ?? [])];
  return `${name} must be one of ${names.slice(0, SHOWN_CATEGORIES).join(', ')}${names.length > SHOWN_CATEGORIES ? ', …' : ''}`;
}

function outOfRange({ name, feature }: Column, value: number, path: string): RequestError {
  const { min, max } = (feature.type === 'number' ? feature.range : undefined) ?? {};
  const bounds = [min === undefined ? [] : [`at least ${min}`], max === undefined ? [] : [`at most ${max}`]].flat();
  return new RequestError('FEATURE_OUT_OF_RANGE', `${name} must be ${bounds.join(' and ')}, not ${value}.`, {
    hint: 'Correct the value; a missing value is null, or NaN in binary data.',
    path,
  });
}
