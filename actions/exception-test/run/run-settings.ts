import type { Reporter } from 'vitest/node';

/** What is asked for. */
export interface Settings {
  /** The folder of the project. */
  root: string;
  level: 1 | 2 | 3;
  /** Names of vitest projects; all when empty. */
  projects: readonly string[];
  /** YYYY-MM-DD; waivers end by it. */
  today: string;
  /** Where the work began, for the thresholds of changed lines and the trend. */
  base: string | undefined;
  /** Whether to take nothing from former runs. */
  full: boolean;
  /** What to do with the baseline besides holding the failures against it. */
  baseline: 'hold' | 'write' | 'shrink';
  /** Seconds for level 2, and again for level 3; what is not tried by then is counted as such. */
  budgetSeconds: number;
  /** What is going on, for people. */
  onProgress: (text: string) => void;
  /** Globs of sources to judge; all when empty. */
  only: readonly string[];
  /** Parts of the paths of test files to run; all when empty. */
  filters: readonly string[];
  /** Hears of each test. */
  reporter?: Reporter | undefined;
}
