import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';

/** What an upgrade does to one object. */
export interface ObjectChange {
  /** "Deployment cleaver" */
  object: string;
  kind: 'created' | 'changed' | 'removed';
  /** Of a changed object, each value that differs; secret ones are hidden. */
  values: { path: string; before: string; after: string }[];
}

const HIDDEN = '(hidden)';
/** A value is a secret by the name it goes by. */
const SECRET_NAME = /passw|secret|token|api[-_]?key|private|credential|dsn|webhook/i;
const MAX_VALUE = 120;

/** What differs between two manifests, object by object in the order of the new one. */
export function diffManifests(before: string, after: string): ObjectChange[] {
  const [old, next] = [objectsOf(before), objectsOf(after)];
  const changes: ObjectChange[] = [];
  for (const [object, value] of next) {
    if (!old.has(object)) changes.push({ object, kind: 'created', values: [] });
    else {
      const values = differences(old.get(object), value, []).map((difference) => shown(object, difference));
      if (values.length > 0) changes.push({ object, kind: 'changed', values });
    }
  }
  for (const object of old.keys()) if (!next.has(object)) changes.push({ object, kind: 'removed', values: [] });
  return changes;
}

function objectsOf(manifest: string): Map<string, unknown> {
  const objects = [...parseAllDocuments(manifest)].map((document) => document.toJS() as unknown);
  return new Map(objects.filter(isMap).map((object) => [nameOf(object), object]));
}

function nameOf({ kind, metadata }: Record<string, unknown>): string {
  const { name, namespace } = isMap(metadata) ? metadata : {};
  const home = typeof namespace === 'string' ? ` (${namespace})` : '';
  return `${String(kind)} ${String(name)}${home}`;
}

interface Difference {
  path: string[];
  before: unknown;
  after: unknown;
}

function differences(before: unknown, after: unknown, path: string[]): Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  const [old, next] = [partsOf(before), partsOf(after)];
  if (old === undefined || next === undefined) return [{ path, before, after }];
  const names = new Set([...next.keys(), ...old.keys()]);
  return [...names].flatMap((name) => differences(old.get(name), next.get(name), [...path, name]));
}

/** Of a map its entries; of a list its elements, by name where they have one, else by place. */
function partsOf(value: unknown): Map<string, unknown> | undefined {
  if (Array.isArray(value)) {
    return new Map(
      value.map((one: unknown, at) => [isMap(one) && typeof one['name'] === 'string' ? one['name'] : String(at), one]),
    );
  }
  return isMap(value) ? new Map(Object.entries(value)) : undefined;
}

function shown(object: string, { path, before, after }: Difference) {
  const isSecret =
    (object.startsWith('Secret ') && /^(data|stringData)$/.test(path[0] ?? '')) ||
    path.some((name) => SECRET_NAME.test(name));
  const show = (value: unknown) => (value === undefined ? '' : isSecret ? HIDDEN : textOf(value));
  return { path: path.join('.'), before: show(before), after: show(after) };
}

function textOf(value: unknown): string {
  const hideNamed = (name: string, part: unknown): unknown =>
    SECRET_NAME.test(name) || (isMap(part) && typeof part['name'] === 'string' && SECRET_NAME.test(part['name']))
      ? HIDDEN
      : part;
  const text = typeof value === 'string' ? value : JSON.stringify(value, hideNamed);
  // A password within an address.
  const clean = text.replaceAll(/\/\/[^/@\s]*:[^/@\s]+@/g, '//***@');
  return clean.length > MAX_VALUE ? `${clean.slice(0, MAX_VALUE)}…` : clean;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
