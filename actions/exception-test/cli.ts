#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ExceptionTestError } from './failure.ts';
import { readSettings, SETTING_OPTIONS, usage } from './settings.ts';
import { describeFailures } from './report/failures.ts';
import { jsonReport } from './report/json.ts';
import { headline } from './report/summary.ts';
import { textTable } from './report/table.ts';
import type { ExceptionResult } from './result.ts';
import { testExceptions } from './test-exceptions.ts';
import { writeReports } from './write-reports.ts';

/** Runs the command line; answers the exit status: 0 passed, 1 a bug of ours, 2 the user's to mend, a red gate too. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const wantsJson = argv.includes('--json');
  try {
    const { values, positionals } = parseCommand(argv);
    if (values['help'] === true) {
      process.stdout.write(usage());
      return 0;
    }
    const settings = readSettings(values, positionals, (text) => process.stderr.write(`${text}\n`));
    const result = await testExceptions(settings);
    if (settings.report !== undefined) writeReports(settings.report, settings.root, result);
    if (wantsJson) print(`${JSON.stringify(jsonReport(result))}\n`);
    else print(`${textTable(result)}\n${describeFailures(result)}\n${headline(result)}\n${timesOf(result)}\n`);
    return result.failures.length === 0 ? 0 : 2;
  } catch (error) {
    if (!(error instanceof ExceptionTestError)) throw error;
    const { code, message, hint } = error;
    if (wantsJson) print(`${JSON.stringify({ outcome: 'error', code, message, hint })}\n`);
    process.stderr.write(`${code}: ${message}\nWhat to do: ${hint}\n`);
    return 2;
  }
}

/** `level 1 in 80 s, level 2 in 200 s`, and how much level 3 did. */
function timesOf({ seconds, faults }: ExceptionResult): string {
  const times = Object.entries(seconds).map(([level, taken]) => `level ${level} in ${taken} s`);
  const made =
    faults && `${faults.injected} faults in ${faults.targets} scopes, ${faults.notTried} not tried to the end`;
  return [...times, ...(made === undefined ? [] : [made])].join(', ');
}

function parseCommand(argv: readonly string[]): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...argv], options: SETTING_OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ExceptionTestError('OPTION_INVALID', message, { hint: '`--help` lists the options.', cause: error });
  }
}

/** All of it, before the process ends: to a pipe, an asynchronous write may come too late. */
function print(text: string): void {
  let left = Buffer.from(text);
  while (left.length > 0) left = left.subarray(writeSync(1, left));
}

if (import.meta.main) process.exit(await runCommand(process.argv.slice(2)));
