import path from 'node:path';
import MagicString from 'magic-string';
import { weaveFaultScopes, type FaultScope } from '../find/fault-scopes.ts';
import { parseSource } from '../find/find-paths.ts';
import type { FaultOptions } from '../options.ts';
import { hashOf, type SourceFile, type Sources } from './sources.ts';

/** The same sources with fault scopes woven in, in the place of counters. */
export function faultSources(
  sources: Sources,
  root: string,
  { functions = [] }: FaultOptions,
): { sources: Sources; scopes: FaultScope[] } {
  const scopes: FaultScope[] = [];
  const woven = [...sources].map(([file, source]): [string, SourceFile] => {
    const plain = { ...source, woven: undefined };
    if (source.unparsed !== undefined) return [file, plain];
    const code = new MagicString(source.text);
    const tree = parseSource(file, source.text);
    const found = weaveFaultScopes(file, tree, code, (name, exported) => isNamed(functions, file, name, exported));
    if (found.length === 0) return [file, plain];
    scopes.push(...found);
    const text = code.toString();
    const map = () =>
      code.generateMap({ source: path.join(root, file), includeContent: true, hires: 'boundary' }).toString();
    return [file, { ...source, woven: { text, hash: hashOf(text), map } }];
  });
  return { sources: new Map(woven), scopes };
}

/** `pipelines/steps/*.ts#deliver`, or `#*` for each function that is exported. */
function isNamed(functions: readonly string[], file: string, name: string, exported: boolean): boolean {
  return functions.some((pattern) => {
    const [glob = '', wanted = '*'] = pattern.split('#');
    return path.matchesGlob(file, glob) && (wanted === '*' ? exported : wanted === name);
  });
}
