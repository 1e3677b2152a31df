import { printBench } from '../print.ts';
import { OUR_PATHS, largeBody, requestOf } from './bodies.ts';
import { pairedRatio, spread } from './figures.ts';
import { closedLoop } from './load.ts';
import { machineOf } from './machine.ts';
import { withServer, writeBodies } from './measure.ts';
import { readOptions } from './options.ts';
import { figuresTable, spreadText, writeSection } from './page.ts';
import { ours } from './testees.ts';
import { inWorkplace, say, type Workplace } from './workplace.ts';
import { runWrk, type LoadFigures } from './wrk.ts';

/**
 * How long single rows wait while others send large requests: 32 connections with one row a request, alone and beside
 * two clients that send 50,000 rows again and again, as JSON or with a binary tensor.
 */
const CONNECTIONS = 32;
const LARGE_ROWS = 50_000;
const LARGE_CLIENTS = 2;
const WARM_UP_SECONDS = 2;
const GOAL = 3;

const KINDS = ['json', 'binary'] as const;
type Kind = (typeof KINDS)[number];

interface Measured {
  single: LoadFigures;
  /** What became of the large requests; undefined when there were none. */
  large?: { perSecond: number; p50Ms: number; p99Ms: number };
}

const options = readOptions({ rounds: 5, seconds: 10 });
const testee = ours('ours', 'Cleaver', 'rows');
const results: Record<'alone' | Kind, Measured[]> = { alone: [], json: [], binary: [] };
await inWorkplace(5_000, async (place) => {
  for (let round = 0; round < options.rounds; round += 1) await measureRound(place, round);
});

const rows = [
  rowOf('alone'),
  ...KINDS.map((kind) => {
    const p99 = (measured: Measured) => measured.single.p99Ms;
    const ratio = pairedRatio(results[kind].map(p99), results.alone.map(p99));
    return { ...rowOf(kind), ratio: { against: 'alone', ...ratio }, goal: `≤ ${GOAL}`, kept: ratio.median <= GOAL };
  }),
];
const [machine, date] = [machineOf(), new Date().toISOString().slice(0, 10)];
printBench({ name: 'serve:large', date, machine, ...options, rows }, rows.map(forPeople));
if (options.isWritten) {
  const [head = []] = rows.map((row) => Object.keys(forPeople(row)));
  const cells = rows.map((row) => Object.values(forPeople(row)).map(String));
  const text = `One row a request over ${CONNECTIONS} connections, alone and while two clients send ${LARGE_ROWS.toLocaleString('en')} rows a request,
each the next as soon as the last is answered. Server on one core, clients on the other; ${options.rounds} rounds of ${options.seconds} s each. Median (least–most).
Wanted: the p99 of single rows is at most ${GOAL} times that without large requests.`;
  await writeSection({
    ...{ command: 'bench:serve:large', title: 'Single rows beside large requests', machine, date },
    parts: [text, figuresTable(head, cells)],
  });
}

/** One server, asked in all the ways; in every other round the other way round. */
async function measureRound(place: Workplace, round: number): Promise<void> {
  await withServer(testee, place, await testee.install(), async (running) => {
    const bodies = await writeBodies(testee, place);
    const url = `${running.url}${testee.path}`;
    await runWrk(url, bodies, CONNECTIONS, WARM_UP_SECONDS);
    const kinds = ['alone', ...KINDS] as const;
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      // The large ones first: to write their body takes a second, in which the single ones would be alone.
      const [large, single] = await Promise.all([
        kind === 'alone' ? undefined : loadLarge(running.port, place, kind),
        runWrk(url, bodies, CONNECTIONS, options.seconds),
      ]);
      const measured = { single, ...(large === undefined ? {} : { large }) };
      results[kind].push(measured);
      say(`round ${round + 1} of ${options.rounds}, ${kind}: ${JSON.stringify(measured)}`);
    }
  });
}

async function loadLarge(port: number, { model }: Workplace, kind: Kind): Promise<NonNullable<Measured['large']>> {
  const { body, headerBytes } = largeBody(kind, model, LARGE_ROWS);
  const headers: Record<string, string> =
    headerBytes === undefined
      ? {}
      : { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(headerBytes) };
  const { latencies, broken, seconds } = await closedLoop({
    ...{ port, connections: LARGE_CLIENTS, seconds: options.seconds },
    requests: [requestOf(OUR_PATHS.v2, body, headers)],
  });
  const good = latencies.get(200);
  if (good === undefined || latencies.size > 1 || broken > 0) {
    const counts = [...latencies].map(([status, { count }]) => `${count} with ${status}`).join(', ');
    throw new Error(`Large requests as ${kind} failed: ${counts || 'no answers'}, ${broken} broke off.`);
  }
  return { perSecond: good.count / seconds, p50Ms: good.quantileMs(0.5), p99Ms: good.quantileMs(0.99) };
}

function rowOf(kind: 'alone' | Kind) {
  const singles = results[kind].map(({ single }) => single);
  const large = results[kind].flatMap((measured) => measured.large ?? []);
  return {
    case: { alone: 'single rows alone', json: 'beside 50,000 rows as JSON', binary: 'beside 50,000 rows in binary' }[
      kind
    ],
    requestsPerSecond: spread(singles.map((each) => each.requestsPerSecond)),
    p50Ms: spread(singles.map((each) => each.p50Ms)),
    p99Ms: spread(singles.map((each) => each.p99Ms)),
    largePerSecond: spread(large.map((each) => each.perSecond)),
    largeP50Ms: spread(large.map((each) => each.p50Ms)),
  };
}

type Row = ReturnType<typeof rowOf> & { ratio?: { min: number; median: number; max: number }; kept?: boolean };

function forPeople(row: Row): Record<string, string> {
  return {
    '': row.case,
    'requests/s': spreadText(row.requestsPerSecond),
    'p50 ms': spreadText(row.p50Ms),
    'p99 ms': spreadText(row.p99Ms),
    'large/s': row.ratio === undefined ? '–' : spreadText(row.largePerSecond),
    'large p50 ms': row.ratio === undefined ? '–' : spreadText(row.largeP50Ms),
    'p99 against alone': row.ratio === undefined ? '–' : `${spreadText(row.ratio)} ×`,
    kept: row.kept === undefined ? '–' : row.kept ? 'yes' : 'no',
  };
}
