import { printBench } from '../print.ts';
import { rotated } from './figures.ts';
import { judgeCosts, judgeGoals } from './goals.ts';
import { machineOf, versionsOf } from './machine.ts';
import { measure, type Measurement } from './measure.ts';
import { readOptions } from './options.ts';
import { writeSection } from './page.ts';
import { serverParts } from './server-page.ts';
import { forPeople, lineOf, serverRows } from './server-rows.ts';
import { SERVERS, VARIANTS, type Testee } from './testees.ts';
import { inWorkplace, say } from './workplace.ts';

/**
 * Our server against its peers, and against itself with single features off: same model, same core, every server in
 * turn in each round. `--only ours,fastapi,variants` takes some of them, `--write` writes docs/benchmarks.md.
 */
const ROWS = 5_000;

const options = readOptions({ rounds: 5, seconds: 5 });
const testees = chosen(options.only);
const programs = new Map<string, string>();
for (const { name, install } of testees) programs.set(name, await install());
const results = new Map<string, Measurement[]>(testees.map(({ name }) => [name, []]));
await inWorkplace(ROWS, async (place) => {
  for (let round = 0; round < options.rounds; round += 1) {
    for (const testee of rotated(testees, round)) {
      const measured = await measure(testee, place, programs.get(testee.name) ?? '', options.seconds);
      results.get(testee.name)?.push(measured);
      say(`round ${round + 1} of ${options.rounds}: ${lineOf(testee, measured)}`);
    }
  }
});

const rows = serverRows(testees, results);
const goals = judgeGoals(results);
const costs = judgeCosts(results, variantNames());
const [machine, versions, date] = [machineOf(), await versionsOf(), new Date().toISOString().slice(0, 10)];
const { rounds, seconds } = options;
printBench({ name: 'serve', date, machine, versions, rounds, seconds, rows, goals, costs }, rows.map(forPeople));
if (!options.isJson) printBench({}, [...goals, ...costs].map(forPeople));
if (options.isWritten) {
  const parts = serverParts({ options, rows, goals, costs, versions });
  await writeSection({ command: 'bench:serve', title: 'One row a request', machine, date, parts });
}

/** All of them, or those that are named; `variants` are all of ours with a setting changed. */
function chosen(only: readonly string[] | undefined): readonly Testee[] {
  const all = [...SERVERS, ...VARIANTS];
  if (only === undefined) return all;
  const names = new Set(only.flatMap((name) => (name === 'variants' ? variantNames() : name)));
  const unknown = [...names].filter((name) => !all.some((testee) => testee.name === name));
  if (unknown.length > 0) {
    throw new Error(`--only knows ${all.map(({ name }) => name).join(', ')}; not ${unknown.join(', ')}`);
  }
  return all.filter(({ name }) => names.has(name));
}

function variantNames(): string[] {
  return VARIANTS.map(({ name }) => name);
}
