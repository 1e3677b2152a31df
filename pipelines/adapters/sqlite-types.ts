import type { StageType } from './source.ts';

// As SQLite itself reads declared types, the first that fits (https://www.sqlite.org/datatype3.html), with those
// names before it that SQLite takes for numbers but people mean otherwise.
const DECLARED: readonly [RegExp, StageType][] = [
  [/^date$/i, 'DATE'],
  [/^(datetime|timestamp)/i, 'TIMESTAMP'],
  [/^bool/i, 'BOOLEAN'],
  [/int/i, 'BIGINT'],
  [/char|clob|text|string|json|uuid/i, 'VARCHAR'],
  [/real|floa|doub|num|dec/i, 'DOUBLE'],
];

/** The stage's type for a column's declared type; undefined where that says nothing, as for an expression. */
export function declaredType(declared: string | null): StageType | undefined {
  return DECLARED.find(([pattern]) => pattern.test(declared ?? ''))?.[1];
}

/** The stage's type for a column that holds values of these kinds, as `typeof` of SQLite names them. */
export function typeOfKinds(kinds: ReadonlySet<string>): StageType {
  if (kinds.has('text') || kinds.has('blob')) return 'VARCHAR';
  if (kinds.has('real')) return 'DOUBLE';
  return kinds.has('integer') ? 'BIGINT' : 'VARCHAR';
}
