/** What a benchmark is asked for by the environment and the command line. */
export interface BenchOptions {
  rounds: number;
  seconds: number;
  only: readonly string[] | undefined;
  isJson: boolean;
  isWritten: boolean;
}

/** `CLEAVER_BENCH_ROUNDS`, `CLEAVER_BENCH_SECONDS` (of one measurement), `--only NAME,…`, `--json`, `--write`. */
export function readOptions(defaults: { rounds: number; seconds: number }): BenchOptions {
  const only = valueAfter('--only');
  return {
    rounds: numberIn('CLEAVER_BENCH_ROUNDS') ?? defaults.rounds,
    seconds: numberIn('CLEAVER_BENCH_SECONDS') ?? defaults.seconds,
    only: only?.split(','),
    isJson: process.argv.includes('--json'),
    isWritten: process.argv.includes('--write'),
  };
}

/** The word after an option. */
export function valueAfter(option: string): string | undefined {
  const at = process.argv.indexOf(option);
  return at < 0 ? undefined : process.argv[at + 1];
}

function numberIn(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${variable} must be a number above 0, not ${JSON.stringify(text)}.`);
  return value;
}
