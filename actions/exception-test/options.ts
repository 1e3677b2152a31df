/** What the plugin is told in vitest's configuration; each has a default that fits most projects. */
export interface ExceptionTestOptions {
  /** Globs of the sources, from the root; by default all that is JavaScript or TypeScript and no test. */
  include?: readonly string[];
  /** Globs of what is left out besides tests, configuration, generated and installed code. */
  exclude?: readonly string[];
  /** What returns an error instead of throwing it: a callee (`err`, `Result.err`) or an object (`{ ok: false }`). */
  results?: readonly string[];
  /** Whether a plain `vitest run` counts and judges by level 1 too; true by default. */
  onPlainRun?: boolean;
  /** Percent of the paths that must be reached, and of the mutated ones that must be noticed; 100 by default. */
  thresholds?: Partial<Thresholds>;
  /** A file of known failures that may only become fewer; none by default. */
  baseline?: string;
  faults?: FaultOptions;
}

export interface Thresholds {
  reached: number;
  asserted: number;
  /** The same for paths in lines that the change at hand touches. */
  changedReached: number;
  changedAsserted: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  reached: 100,
  asserted: 100,
  changedReached: 100,
  changedAsserted: 100,
};

/** Level 3. */
export interface FaultOptions {
  /** Functions to fail from within besides try blocks, as `glob#name` or `glob#*` for each that is exported. */
  functions?: readonly string[];
  /** Methods that are calls to the outside too, as `package#Class.method`, e.g. `pg#Client.query`. */
  calls?: readonly string[];
  /** Errors that may come out after a fault, by the class's name or the `code`; by default any but a TypeError and its like. */
  declared?: readonly string[];
  /** Globs, matched at the end of a path, of files that may be left behind half-written. */
  leftovers?: readonly string[];
}
