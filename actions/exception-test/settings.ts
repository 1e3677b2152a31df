import path from 'node:path';
import type { parseArgs, ParseArgsOptionsConfig } from 'node:util';
import { ExceptionTestError } from './failure.ts';
import type { Settings } from './run/run-settings.ts';

/** The options of the command, as `parseArgs` takes them. */
export const SETTING_OPTIONS = {
  level: { type: 'string', default: '2' },
  root: { type: 'string', default: '.' },
  project: { type: 'string', multiple: true, default: [] },
  only: { type: 'string', multiple: true, default: [] },
  base: { type: 'string' },
  'budget-seconds': { type: 'string', default: '900' },
  full: { type: 'boolean', default: false },
  report: { type: 'string' },
  'write-baseline': { type: 'boolean', default: false },
  'shrink-baseline': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig;

const HELP: Record<keyof typeof SETTING_OPTIONS, string> = {
  level: '1: each error path is reached; 2: and asserted; 3: and faults do no harm (default: 2)',
  root: 'the folder of the project (default: this one)',
  project: 'a vitest project; may be given again (default: all)',
  only: 'a glob of sources to judge; may be given again (default: all)',
  base: 'a commit or branch to compare with: trend, and thresholds of changed lines',
  'budget-seconds': 'for level 2, and again for level 3 (default: 900)',
  full: 'take nothing from former runs',
  report: 'a folder to write the page, the SARIF log and the badge to',
  'write-baseline': 'write the failures that there are to the file that the option `baseline` names',
  'shrink-baseline': 'take out of it what does not fail any more',
  json: 'print one JSON object on stdout',
  help: 'print this',
};

/** The help text. */
export function usage(): string {
  const lines = Object.entries(HELP).map(([name, text]) => `  --${name.padEnd(17)} ${text}`);
  return `Tests the error paths of a vitest project: throw, catch, rejections.\n\nUsage: exceptions [options] [part of a test file's path …]\n\n${lines.join('\n')}\n`;
}

export interface CommandSettings extends Settings {
  /** Where to write the reports. */
  report: string | undefined;
}

/** Settings from the parsed command line. Error: OPTION_INVALID. */
export function readSettings(
  values: ReturnType<typeof parseArgs>['values'],
  filters: readonly string[],
  onProgress: (text: string) => void,
): CommandSettings {
  const { level, root, project, only, base, full, report } = values as {
    level: string;
    root: string;
    project: string[];
    only: string[];
    base?: string;
    full: boolean;
    report?: string;
  };
  if (!['1', '2', '3'].includes(level)) throw invalid(`There is no level ${level}.`, 'Give --level 1, 2 or 3.');
  if (values['write-baseline'] === true && values['shrink-baseline'] === true) {
    throw invalid('A baseline is written or shrunk, not both.', 'Give one of the two options.');
  }
  return {
    level: Number(level) as 1 | 2 | 3,
    root: path.resolve(root),
    projects: project,
    only,
    filters,
    base,
    full,
    report,
    today: new Date().toISOString().slice(0, 10),
    budgetSeconds: readSeconds(String(values['budget-seconds'])),
    baseline: values['write-baseline'] === true ? 'write' : values['shrink-baseline'] === true ? 'shrink' : 'hold',
    onProgress,
  };
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds > 0) return seconds;
  throw invalid(`--budget-seconds ${text} is no number of seconds.`, 'Give a whole number, e.g. --budget-seconds 900.');
}

function invalid(message: string, hint: string): ExceptionTestError {
  return new ExceptionTestError('OPTION_INVALID', message, { hint });
}
