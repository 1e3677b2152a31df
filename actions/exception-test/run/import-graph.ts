import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { hashOf, isCode, projectFiles } from './sources.ts';

/** All files of the project by their content, and which of them a file is made of. */
export interface ImportGraph {
  /** The hash of a file that counts as code. */
  hashOf: (file: string) => string | undefined;
  /** A hash of the files and of all that they import from the project, directly or not. */
  closureHash: (files: readonly string[]) => string;
  /** A hash of what all tests may be made of: data, queries, locks, the configuration of vitest. Prose is left out. */
  rest: string;
}

/**
 * Reads every file of the project. Imports by a name that is made at run time are not seen, nor an alias that is not the
 * beginning of a path (`@app`, for `src/app.ts`).
 */
export function readImportGraph(root: string): ImportGraph {
  const files = projectFiles(root).filter((file) => !file.endsWith('.md'));
  const texts = new Map<string, string>();
  const hashes = new Map<string, string>();
  for (const file of files) {
    const content = readFileSync(path.join(root, file));
    hashes.set(file, hashOf(content));
    if (isCode(file)) texts.set(file, content.toString());
  }
  const find = openFinder(root, files);
  const imports = new Map(
    [...texts].map(([file, text]) => {
      const { importedFiles } = ts.preProcessFile(text, true, true);
      return [file, importedFiles.flatMap(({ fileName }) => find(file, fileName))];
    }),
  );
  const closure = (from: readonly string[]) => {
    const reached = new Set(from);
    for (const file of reached) for (const next of imports.get(file) ?? []) reached.add(next);
    return [...reached].sort();
  };
  const hashAll = (from: readonly string[]) =>
    hashOf(from.map((file) => `${file} ${hashes.get(file) ?? ''}`).join('\n'));
  const settings = closure(files.filter((file) => SETTINGS.test(file)));
  // Such as `setupFiles: ['tests/setup.ts']`.
  const named = settings.flatMap((file) =>
    [...(texts.get(file) ?? '').matchAll(/(['"`])((?:(?!\1).)+)\1/g)].flatMap(([, , name = '']) =>
      find(file, name.startsWith('.') ? name : `./${name}`),
    ),
  );
  return {
    hashOf: (file) => (texts.has(file) ? hashes.get(file) : undefined),
    closureHash: (from) => hashAll(closure(from)),
    rest: hashAll([...files.filter((file) => !isCode(file)), ...closure([...settings, ...named])]),
  };
}

const SETTINGS = /(^|\/)vite(st)?\.[^/]*[cm]?[jt]s$/;
const ENDINGS = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '/index.ts', '/index.js'];

/** Answers the files that an import may mean: one, or none for what is installed, or all of a package of the project. */
function openFinder(root: string, files: readonly string[]): (from: string, name: string) => string[] {
  const known = new Set(files);
  const { own: packages, installed } = packagesOf(root, files);
  const byTail = Map.groupBy(files.filter(isCode), (file) => path.posix.basename(withoutEnding(file)));
  return (from, name) => {
    if (name.startsWith('.')) {
      const base = path.posix.join(path.posix.dirname(from), name);
      // `./a.js` may mean a.ts.
      const bases = [base, base.replace(/\.([cm]?)js$/, '.$1ts')];
      const found = bases.flatMap((one) => ENDINGS.map((ending) => one + ending)).find((file) => known.has(file));
      return found === undefined ? [] : [found];
    }
    if (name.startsWith('node:')) return [];
    const [first = '', second = ''] = name.split('/', 2);
    const of = name.startsWith('@') ? `${first}/${second}` : first;
    const folder = packages.get(name) ?? packages.get(of);
    if (folder !== undefined) return files.filter((file) => isCode(file) && file.startsWith(folder));
    if (installed.has(of)) return [];
    // `@/models/order` is the file that ends so, wherever it lies.
    const tail = withoutEnding(name.slice(name.indexOf('/') + 1));
    return (byTail.get(path.posix.basename(tail)) ?? []).filter((file) =>
      `/${withoutEnding(file)}`.endsWith(`/${tail}`),
    );
  };
}

function withoutEnding(file: string): string {
  return file.replace(/(\/index)?\.[cm]?[jt]sx?$/, '');
}

/** The folders of the project's own packages, with a slash, by their names; and the names of those that come from outside. */
function packagesOf(root: string, files: readonly string[]): { own: Map<string, string>; installed: Set<string> } {
  const own = new Map<string, string>();
  const installed = new Set<string>();
  for (const file of files.filter((one) => /(^|\/)package\.json$/.test(one))) {
    const { name, dependencies, devDependencies } = readJson(path.join(root, file));
    if (typeof name === 'string' && file !== 'package.json') own.set(name, file.slice(0, -'package.json'.length));
    for (const list of [dependencies, devDependencies]) for (const one of Object.keys(list ?? {})) installed.add(one);
  }
  return { own, installed };
}

interface PackageJson {
  name?: unknown;
  dependencies?: object;
  devDependencies?: object;
}

function readJson(file: string): PackageJson {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) ?? {}) as PackageJson;
  } catch {
    // Some are wrong on purpose, for tests.
    return {};
  }
}
