import type { Place } from './column-values.ts';
import { invalid } from './invalid.ts';

/** The values of a tensor in row-major order, and where each stands. */
export interface JsonData {
  values: readonly unknown[];
  place: Place;
}

/** Takes the `data` of a tensor `[rows, columns]`, flat or nested as rows. Error: REQUEST_INVALID. */
export function flatData(data: readonly unknown[], rows: number, columns: number, path: string): JsonData {
  if (Array.isArray(data[0])) return nestedData(data, rows, columns, path);
  if (data.length !== rows * columns) {
    throw invalid(path, `The shape asks for ${rows * columns} values; there are ${data.length}`);
  }
  return { values: data, place: (index) => `${path}[${index}]` };
}

function nestedData(data: readonly unknown[], rows: number, columns: number, path: string): JsonData {
  if (data.length !== rows || !data.every((row) => Array.isArray(row) && row.length === columns)) {
    throw invalid(path, `Nested data must be ${rows} lists of ${columns} values each`);
  }
  return { values: data.flat(), place: (index) => `${path}[${Math.floor(index / columns)}][${index % columns}]` };
}
