import type { Mutant } from './session.ts';

/** What the main process hands to the test files of a run. */
export interface RunOrders {
  /** The session's file. */
  session: string;
  project: string;
  /** By the test file's path from the root; a file without an entry runs as it is. */
  mutants: Readonly<Record<string, Mutant>>;
  /** Level 3, by the test file's path from the root. */
  faults?: Readonly<Record<string, FaultOrder | 'measure'>>;
  /** Methods of packages that level 3 makes fail besides, as `package#Class.method`. */
  faultCalls?: readonly string[];
  /** Milliseconds after which a test with a mutant hangs, by test file. */
  limitsMs: Readonly<Record<string, number>>;
}

/** Which scope's calls are to fail in turn while one test runs again and again. */
export interface FaultOrder {
  scope: string;
  /** The test's full name. */
  test: string;
  /** So many calls at most. */
  max: number;
}

/** The name under which the orders are provided. */
export const ORDERS = 'exceptionTest';

declare module 'vitest' {
  export interface ProvidedContext {
    [ORDERS]?: RunOrders;
  }
}
