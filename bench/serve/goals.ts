import { pairedRatio, spread, type Spread } from './figures.ts';
import type { Measurement } from './measure.ts';

/** The measurements of a server by round. */
export type Results = ReadonlyMap<string, readonly Measurement[]>;

interface Figure {
  name: string;
  of: (measurement: Measurement) => number;
}

const REQUESTS_64: Figure = { name: 'requests/s, 64 connections', of: ({ load }) => load[64].requestsPerSecond };
const REQUESTS_1: Figure = { name: 'requests/s, 1 connection', of: ({ load }) => load[1].requestsPerSecond };
const P99_64: Figure = { name: 'p99, 64 connections', of: ({ load }) => load[64].p99Ms };
const P99_1: Figure = { name: 'p99, 1 connection', of: ({ load }) => load[1].p99Ms };
const READY: Figure = { name: 'ms until ready', of: ({ readyMs }) => readyMs };
const MEMORY: Figure = { name: 'MB resident', of: ({ residentMb }) => residentMb };

interface Goal {
  figure: Figure;
  of: string;
  /** The figure itself is judged where it is left out. */
  against?: string;
  atLeast?: number;
  atMost?: number;
}

/** What the server is to reach, and some ratios that are only told. */
const GOALS: readonly Goal[] = [
  { figure: REQUESTS_64, of: 'ours', against: 'fastapi', atLeast: 6 },
  { figure: REQUESTS_64, of: 'ours', against: 'fastapi-threads' },
  { figure: REQUESTS_1, of: 'ours', against: 'fastapi', atLeast: 1.2 },
  { figure: P99_64, of: 'ours', against: 'fastapi', atMost: 0.5 },
  { figure: P99_1, of: 'ours', against: 'fastapi' },
  { figure: REQUESTS_64, of: 'ours-v2', against: 'mlserver', atLeast: 12 },
  { figure: REQUESTS_64, of: 'ours-v2', against: 'kserve', atLeast: 15 },
  { figure: REQUESTS_64, of: 'ours', against: 'bentoml' },
  { figure: REQUESTS_64, of: 'ours', against: 'noop', atLeast: 0.75 },
  { figure: READY, of: 'ours', atMost: 400 },
  { figure: MEMORY, of: 'ours', atMost: 180 },
  { figure: MEMORY, of: 'ours-v2', atMost: 180 },
];

export interface JudgedGoal {
  case: string;
  figure: string;
  ratio?: Spread & { against: string };
  value?: Spread;
  goal?: string;
  /** By the median. */
  kept?: boolean;
}

/** The goals whose servers were measured. */
export function judgeGoals(results: Results): JudgedGoal[] {
  return GOALS.flatMap((goal) => judgeOne(goal, results) ?? []);
}

/** What each variant of ours does to throughput and latency, against ours as it is by default. */
export function judgeCosts(results: Results, variants: readonly string[]): JudgedGoal[] {
  return variants.flatMap((of) =>
    [REQUESTS_64, P99_64, REQUESTS_1, P99_1].flatMap(
      (figure) => judgeOne({ figure, of, against: 'ours' }, results) ?? [],
    ),
  );
}

function judgeOne({ figure, of, against, atLeast, atMost }: Goal, results: Results): JudgedGoal | undefined {
  const mine = results.get(of)?.map(figure.of);
  if (mine === undefined) return undefined;
  if (against === undefined) {
    const value = spread(mine);
    return { case: of, figure: figure.name, value, ...verdict(value.median, atLeast, atMost) };
  }
  const theirs = results.get(against)?.map(figure.of);
  if (theirs === undefined) return undefined;
  const ratio = pairedRatio(mine, theirs);
  return { case: of, figure: figure.name, ratio: { against, ...ratio }, ...verdict(ratio.median, atLeast, atMost) };
}

function verdict(median: number, atLeast?: number, atMost?: number): Pick<JudgedGoal, 'goal' | 'kept'> {
  if (atLeast !== undefined) return { goal: `≥ ${atLeast}`, kept: median >= atLeast };
  if (atMost !== undefined) return { goal: `≤ ${atMost}`, kept: median <= atMost };
  return {};
}
