import type { JudgedGoal } from './goals.ts';
import type { BenchOptions } from './options.ts';
import { figuresTable, spreadText } from './page.ts';
import type { ServerRow } from './server-rows.ts';
import { SERVERS, VARIANTS } from './testees.ts';

export interface ServerFigures {
  options: BenchOptions;
  rows: readonly ServerRow[];
  goals: readonly JudgedGoal[];
  costs: readonly JudgedGoal[];
  versions: Readonly<Record<string, string>>;
}

/** The paragraphs and tables of `bench:serve` for docs/benchmarks.md. */
export function serverParts({ options, rows, goals, costs, versions }: ServerFigures): string[] {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    setUp(options),
    serversTable(rows),
    'A ratio is that of two figures of the same round. Wanted is what was set as the goal; the median is judged.',
    goalsTable(goals),
    'What single features cost: ours with one setting changed, against ours as it is by default.',
    costsTable(costs),
    `Versions: ${named.join(', ')}.`,
  ];
}

function setUp({ rounds, seconds }: BenchOptions): string {
  return `A LightGBM model of 100 trees and 20 features; one row a request, 4,000 different bodies in turn. Each server runs alone on one core,
\`wrk\` on the other. In each of ${rounds} rounds every server is started, held against LightGBM's own scores, warmed up, loaded over 64
connections for ${seconds} s and then over one for as long; the order changes from round to round. Figures are medians, in brackets the
least and the most. Ours runs bundled, as in its image, and does all that it does by default: validation, metrics, record, log. The peers validate, score and log no
requests; \`bench/serve/testees.ts\` and \`bench/serve/peers/\` have their set-ups. Ready is a server with its first good answer, counted
from the start of its process. Memory is that at the end, of all processes of a server together.`;
}

function serversTable(rows: readonly ServerRow[]): string {
  const titles = new Set(SERVERS.map(({ title }) => title));
  return figuresTable(
    ['', 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'ready after ms', 'resident MB', 'failed'],
    rows
      .filter((row) => titles.has(row.case))
      .map((row) => [
        ...[row.case, String(row.connections), spreadText(row.requestsPerSecond), spreadText(row.p50Ms)],
        ...[spreadText(row.p99Ms), spreadText(row.readyMs), spreadText(row.residentMb)],
        String(row.failed),
      ]),
  );
}

function goalsTable(goals: readonly JudgedGoal[]): string {
  return figuresTable(
    ['', 'measured', 'wanted', 'kept'],
    goals.map((goal) => [goalName(goal), measuredText(goal), goal.goal ?? '–', keptText(goal.kept)]),
  );
}

function costsTable(costs: readonly JudgedGoal[]): string {
  const variants = VARIANTS.filter(({ name }) => costs.some((cost) => cost.case === name));
  return figuresTable(
    ['', ...new Set(costs.map(({ figure }) => figure))],
    variants.map(({ name, title }) => [title, ...costs.filter((cost) => cost.case === name).map(measuredText)]),
  );
}

function goalName({ case: name, figure, ratio }: JudgedGoal): string {
  const of = `${figure}: ${titleOf(name)}`;
  return ratio === undefined ? of : `${of} against ${titleOf(ratio.against)}`;
}

function titleOf(name: string): string {
  return SERVERS.find((testee) => testee.name === name)?.title ?? name;
}

function measuredText({ ratio, value }: JudgedGoal): string {
  if (ratio !== undefined) return `${spreadText(ratio)} ×`;
  return value === undefined ? '–' : spreadText(value);
}

function keptText(isKept: boolean | undefined): string {
  if (isKept === undefined) return '–';
  return isKept ? 'yes' : 'no';
}
