/** What an error path is by its syntax; docs/exceptions.md has a line on each. */
export const PATH_KINDS = [
  'throw',
  'catch',
  'promise-catch',
  'then-rejected',
  'reject',
  'promise-reject',
  'finally-return',
  'error-first',
  'process-exit',
  'set-failed',
  'error-event',
  'result',
] as const;

export type PathKind = (typeof PATH_KINDS)[number];

/** How level 2 takes a path's effect away: leave it out, or hand the error on as if nothing had handled it. */
export type Mutation = 'remove' | 'rethrow';

/** A place in the source where an error is raised or handled. */
export interface ErrorPath {
  /** `<file>#<ordinal>`, the ordinal counted from 0 in the order of the text. */
  id: string;
  /** From the root, with slashes. */
  file: string;
  kind: PathKind;
  /** From 1, as editors count; the end is the place after the last character. */
  start: { line: number; column: number };
  end: { line: number; column: number };
  /** The first line of its source, shortened. */
  text: string;
  /** The function that it stands in, for hints; undefined at the top of a module. */
  inside?: string | undefined;
  mutations: readonly Mutation[];
  /** Whether it takes an error and does nothing with it, by its syntax. */
  swallows: boolean;
}

export const FAILURE_REASONS = [
  /** No test reaches the path. */
  'unreached',
  /** Its effect was taken away and no test noticed. */
  'survivor',
  /** An error was taken and nothing done with it while a test ran. */
  'swallowed',
  /** A promise was rejected while a test ran, and nobody took the error. */
  'unhandled',
  /** Level 3: after a fault an error came out that the configuration does not declare. */
  'undeclared-error',
  /** Level 3: after a fault a file, socket or process was left open. */
  'left-open',
  /** Level 3: after a fault a file was left half-written. */
  'half-written',
  /** A waiver whose date is past. */
  'waiver-expired',
  /** A waiver of what would not fail. */
  'waiver-unused',
  /** A waiver that cannot be read. */
  'waiver-invalid',
  /** The file cannot be parsed, so its paths are not known. */
  'unparsed',
  /** A share of reached, or of asserted, paths under the threshold. */
  'threshold',
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

/** What turns the gate red. */
export interface Failure {
  /** Empty for what is of no file, such as a threshold for all. */
  file: string;
  /** From 1. */
  line: number;
  kind: PathKind | 'waiver' | 'file' | 'fault' | 'all';
  reason: FailureReason;
  /** One or two sentences: what is wrong, with the values. */
  message: string;
  /** The shortest way to mend it. */
  hint: string;
}

/** A path with what the tests made of it. */
export interface TestedPath extends ErrorPath {
  /** How often it was executed, over all processes. */
  count: number;
  /** Tests that reached it, `<file> > <name>`. */
  tests: readonly string[];
  /** Mutations that no test noticed. */
  survivors: readonly Mutation[];
  /** Mutations that were not tried for want of time. */
  notTried: readonly Mutation[];
  /** The reason given in the line above, where it is waived. */
  waived?: { reason: string; until: string } | undefined;
}

/** Counts of a folder, and of all. */
export interface Counts {
  paths: number;
  reached: number;
  /** Paths with a mutation that no test noticed. */
  survivors: number;
  /** Paths with a mutation that was not tried. */
  notTried: number;
  waived: number;
}

export interface ExceptionResult extends Counts {
  /** Which level was asked for. */
  level: 1 | 2 | 3;
  failures: readonly Failure[];
  tested: readonly TestedPath[];
  /** Level 3 only. */
  faults?: { targets: number; injected: number; notTried: number } | undefined;
  /** The same counts of the base, for the trend, where there is a record of it. */
  base?: Readonly<Record<string, Counts>> | undefined;
  /** Seconds of each level. */
  seconds: Readonly<Partial<Record<1 | 2 | 3, number>>>;
}
