/** Prints a benchmark: with `--json` the one object, else its rows as a table for people, fractions cut to four digits. */
export function printBench(json: object, rows: readonly Record<string, unknown>[]): void {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(json)}\n`);
  else
    console.table(
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shorten(value)]))),
    );
}

function shorten(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, each]) => `${name} ${shorten(each) as string | number}`)
      .join(', ');
  }
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
