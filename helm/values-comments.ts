import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** One value of the chart, or a group of them. */
export interface ChartValue {
  /** From the root: `['image', 'digest']`. */
  path: string[];
  /** The comment above it; empty where there is none. */
  about: string;
  /** What it is unless somebody says otherwise; undefined for a group. */
  fallback: unknown;
}

/** Every value and group of a values.yaml, in its order; an empty map is a value. */
export function chartValuesOf(source: string): ChartValue[] {
  const document = parseDocument(source);
  return isMap(document.contents) ? within(document.contents, [], document.commentBefore ?? '') : [];
}

function within(map: YAMLMap, above: readonly string[], first: string): ChartValue[] {
  return map.items.flatMap((pair, index) => {
    const key = pair.key as { value: string; commentBefore?: string | null };
    const path = [...above, key.value];
    // The library gives the comment above the first key to the map that begins there.
    const about = textOf(key.commentBefore ?? (index === 0 ? (map.commentBefore ?? first) : ''));
    if (isGroup(pair)) return [{ path, about, fallback: undefined }, ...within(pair.value, path, '')];
    return [{ path, about, fallback: valueOf(pair) }];
  });
}

function isGroup(pair: Pair): pair is Pair<unknown, YAMLMap> & { value: YAMLMap } {
  return isMap(pair.value) && pair.value.items.length > 0;
}

function valueOf({ value }: Pair): unknown {
  if (isScalar(value)) return value.value;
  return (value as { toJSON: () => unknown }).toJSON();
}

function textOf(comment: string): string {
  return comment.replaceAll(/\s+/g, ' ').trim();
}
