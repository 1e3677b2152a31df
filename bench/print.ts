/** Prints a benchmark: with `--json` the one object, else its rows as a table for people. */
export function printBench(json: object, rows: readonly Record<string, unknown>[]): void {
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify(json)}\n`);
    return;
  }
  const rounded = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' ? Number(value.toPrecision(4)) : value,
      ]),
    ),
  );
  console.table(rounded);
}
