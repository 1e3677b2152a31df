import { setTimeout as sleep } from 'node:timers/promises';
import { printBench } from '../print.ts';
import { OUR_PATHS, bodyOf, requestOf } from './bodies.ts';
import { Canary } from './canary.ts';
import { atLeast, atMost, judgedTable, told, type Judged } from './judged.ts';
import { openLoop, type LoadResult } from './load.ts';
import { machineOf } from './machine.ts';
import { withServer, writeBodies } from './measure.ts';
import { readOptions } from './options.ts';
import { writeSection } from './page.ts';
import { sampleMemory, type MemorySample } from './sample-memory.ts';
import { ours } from './testees.ts';
import { inWorkplace, say } from './workplace.ts';
import { runWrk } from './wrk.ts';

/**
 * Three times as many requests as the server can answer, for a minute: how much it still answers, how quickly it turns
 * the others away, what memory it takes, and how soon it is itself again.
 */
const TIMES = 3;
const CONNECTIONS = 1024;
const CAPACITY_SECONDS = 10;
const QUIET_SECONDS = 3;

interface Overload {
  capacity: number;
  capacityAfter: number;
  result: LoadResult;
  memory: MemorySample[];
  recoveredMs: number;
}

const { seconds, isWritten } = readOptions({ rounds: 1, seconds: 60 });
const rows: Judged[] = [];
await inWorkplace(5_000, async (place) => {
  const testee = ours('ours', 'Cleaver', 'rows');
  const bodies = await writeBodies(testee, place);
  const requests = Array.from({ length: place.model.rowCount }, (_, row) =>
    requestOf(OUR_PATHS.rows, bodyOf('rows', place.model, row)),
  );
  await withServer(testee, place, await testee.install(), async (running) => {
    const measureCapacity = async (forSeconds: number) =>
      (await runWrk(`${running.url}${testee.path}`, bodies, 64, forSeconds)).requestsPerSecond;
    await measureCapacity(2);
    const capacity = await measureCapacity(CAPACITY_SECONDS);
    say(`capacity: ${Math.round(capacity)} requests/s`);
    const to = { port: running.port, requests };
    const canary = new Canary({ ...to, seconds: seconds + 3 * QUIET_SECONDS });
    await sleep(QUIET_SECONDS * 1000);
    const sampling = sampleMemory(running, 500);
    const from = performance.now();
    const result = await openLoop({ ...to, seconds, connections: CONNECTIONS, perSecond: TIMES * capacity });
    const memory = sampling.stop();
    const recoveredMs = await canary.recoveredMs(from, result.endedAt);
    const capacityAfter = await measureCapacity(CAPACITY_SECONDS);
    rows.push(...rowsOf({ capacity, capacityAfter, result, memory, recoveredMs }));
  });
});
const [machine, date] = [machineOf(), new Date().toISOString().slice(0, 10)];
printBench(
  { name: 'serve:overload', date, machine, seconds, rows },
  rows.map((row) => ({ ...row })),
);
if (isWritten) {
  const text = `Capacity is what \`wrk\` gets over 64 connections. Then requests come evenly at ${TIMES} times that rate for ${seconds} s over ${CONNECTIONS}
connections; one whose time comes while all of them wait for an answer cannot be sent, and is not sent later. Latencies are from
sending to the whole answer. Recovered is the server when a client that asks 100 times a second, before and after, is answered
as before. Server on one core, clients on the other.`;
  await writeSection({
    ...{ command: 'bench:serve:overload', title: 'Three times what it can do', machine, date },
    parts: [text, judgedTable(rows)],
  });
}

function rowsOf({ capacity, capacityAfter, result, memory, recoveredMs }: Overload): Judged[] {
  const [good, shed] = [result.latencies.get(200), result.latencies.get(503)];
  const perSecond = (count: number) => count / result.seconds;
  const sent = [...result.latencies.values()].reduce((sum, { count }) => sum + count, result.broken);
  const others = sent - result.broken - (good?.count ?? 0) - (shed?.count ?? 0);
  // The most of each third: between two collections the heap doubles, and one look may come just before or after.
  const mostOf = (third: number) =>
    Math.max(...memory.filter((_, at) => Math.floor((3 * at) / memory.length) === third).map(({ mb }) => mb));
  const [first, middle, last] = [mostOf(0), mostOf(1), mostOf(2)];
  return [
    told('capacity before', capacity, 'requests/s'),
    told('capacity after', capacityAfter, 'requests/s'),
    told('wanted to send', TIMES * capacity, 'requests/s'),
    told('sent', perSecond(sent), 'requests/s'),
    told('not sent, as no connection was free', perSecond(result.unsent), 'requests/s'),
    atLeast(0.9, 'answered with 200, of capacity', perSecond(good?.count ?? 0) / capacity, '×'),
    told('p50 of a 200', good?.quantileMs(0.5) ?? Number.NaN, 'ms'),
    told('p99 of a 200', good?.quantileMs(0.99) ?? Number.NaN, 'ms'),
    told('answered with 503', perSecond(shed?.count ?? 0), 'requests/s'),
    // None turned away at all is quick too.
    atMost(50, 'p99 of a 503', shed?.quantileMs(0.99) ?? 0, 'ms'),
    atMost(0, 'other answers', others, 'requests'),
    atMost(0, 'broken connections', result.broken, 'requests'),
    told('most memory in the first third', first, 'MB'),
    told('most in the second third', middle, 'MB'),
    told('most in the last third', last, 'MB'),
    atMost(1.05, 'most in the last third, of that in the second', last / middle, '×'),
    atMost(1000, 'recovered after', recoveredMs, 'ms'),
  ];
}
