import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { findPaths, type FoundPath } from '../find/find-paths.ts';
import { parseResultShape } from '../find/result-shapes.ts';
import { findWaivers, type BrokenWaiver, type Waiver } from '../gate/waivers.ts';
import type { ExceptionTestOptions } from '../options.ts';

/** A source file of the project with its error paths. */
export interface SourceFile {
  text: string;
  hash: string;
  paths: readonly FoundPath[];
  /** The text that counts; undefined where there is nothing to count. */
  woven?: { text: string; hash: string; map: () => string } | undefined;
  unparsed?: { line: number; message: string } | undefined;
  waivers: readonly Waiver[];
  brokenWaivers: readonly BrokenWaiver[];
}

/** By the file's path from the root, with slashes. */
export type Sources = ReadonlyMap<string, SourceFile>;

const CODE = /\.[cm]?[jt]sx?$/;
const NO_SOURCE = [
  /\.d\.[cm]?ts$/,
  /\.(test|spec|bench)\.[cm]?[jt]sx?$/,
  /\.(config|setup|generated|gen)\.[cm]?[jt]sx?$/,
  /(^|\/)(node_modules|dist|build|out|coverage|__tests__|__mocks__|tests?|fixtures)\//,
  /(^|\/)\.[^/]+\//,
];
const GENERATED = /@generated\b/;

/** Reads every source file of the project and finds its error paths. */
export function readSources(root: string, options: ExceptionTestOptions): Sources {
  const shapes = (options.results ?? []).map(parseResultShape);
  const entries = sourceFiles(root, options).map((file): [string, SourceFile] | undefined => {
    const text = readFileSync(path.join(root, file), 'utf8');
    if (GENERATED.test(text.slice(0, 500))) return undefined;
    const { paths, woven, unparsed } = findPaths(file, text, shapes);
    const { waivers, broken } = findWaivers(file, text);
    const wovenText = woven?.toString() ?? '';
    const weave = woven && {
      text: wovenText,
      hash: hashOf(wovenText),
      map: () =>
        woven.generateMap({ source: path.join(root, file), includeContent: true, hires: 'boundary' }).toString(),
    };
    return [file, { text, hash: hashOf(text), paths, woven: weave, unparsed, waivers, brokenWaivers: broken }];
  });
  return new Map(entries.filter((entry) => entry !== undefined));
}

/** By the ending of its name. */
export function isCode(file: string): boolean {
  return CODE.test(file);
}

/** The project's source files, from the root. */
function sourceFiles(root: string, { include, exclude = [] }: ExceptionTestOptions): string[] {
  const matches = (file: string, globs: readonly string[]) => globs.some((glob) => path.matchesGlob(file, glob));
  return projectFiles(root).filter((file) => {
    if (!isCode(file) || NO_SOURCE.some((pattern) => pattern.test(file))) return false;
    return (include === undefined || matches(file, include)) && !matches(file, exclude);
  });
}

/** All files of the project: what git knows or would add, else all that is not installed. */
export function projectFiles(root: string): string[] {
  // Submodules, links to folders and what was removed are listed too.
  const isFile = (file: string) => statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile() === true;
  const files = new Set(listedByGit(root) ?? filesWithin(root, ''));
  return [...files].filter((file) => file !== '' && isFile(file)).sort();
}

/** Links to folders are not followed. */
function filesWithin(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (!entry.isDirectory()) return [name];
    return entry.name === 'node_modules' || entry.name === '.git' ? [] : filesWithin(root, name);
  });
}

/** Undefined where there is no checkout, or no git. */
function listedByGit(root: string): string[] | undefined {
  try {
    return execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\0');
  } catch {
    return undefined;
  }
}

export function hashOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
