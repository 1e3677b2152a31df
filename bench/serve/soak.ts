import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { printBench } from '../print.ts';
import { OUR_PATHS, bodyOf, requestOf } from './bodies.ts';
import { slope, spread } from './figures.ts';
import { atMost, judgedTable, told, type Judged } from './judged.ts';
import { openLoop, type LoadResult } from './load.ts';
import { machineOf } from './machine.ts';
import { withServer, writeBodies } from './measure.ts';
import { readOptions, valueAfter } from './options.ts';
import { writeSection } from './page.ts';
import { sampleMemory, type MemorySample } from './sample-memory.ts';
import { ours } from './testees.ts';
import { inWorkplace, say } from './workplace.ts';
import { runWrk } from './wrk.ts';

/** Half of what the server can answer, for half an hour (`--minutes`): does it keep its memory? */
const SHARE = 0.5;
const SAMPLE_MS = 5_000;
const CONNECTIONS = 64;

const minutes = Number(valueAfter('--minutes') ?? 30);
const { isWritten } = readOptions({ rounds: 1, seconds: 0 });
const rows: Judged[] = [];
await inWorkplace(5_000, async (place) => {
  const testee = ours('ours', 'Cleaver', 'rows');
  const bodies = await writeBodies(testee, place);
  const requests = Array.from({ length: place.model.rowCount }, (_, row) =>
    requestOf(OUR_PATHS.rows, bodyOf('rows', place.model, row)),
  );
  await withServer(testee, place, await testee.install(), async (running) => {
    const url = `${running.url}${testee.path}`;
    await runWrk(url, bodies, CONNECTIONS, 2);
    const capacity = (await runWrk(url, bodies, CONNECTIONS, 10)).requestsPerSecond;
    const perSecond = SHARE * capacity;
    say(`capacity ${Math.round(capacity)} requests/s; now ${Math.round(perSecond)} for ${minutes} minutes`);
    const sampling = sampleMemory(running, SAMPLE_MS);
    const load = { port: running.port, requests, connections: CONNECTIONS, perSecond, seconds: minutes * 60 };
    const result = await openLoop(load);
    rows.push(...rowsOf(perSecond, result, sampling.stop(), await sizeMb(place.model.home.predictions)));
  });
});
const [machine, date] = [machineOf(), new Date().toISOString().slice(0, 10)];
printBench(
  { name: 'serve:soak', date, machine, minutes, rows },
  rows.map((row) => ({ ...row })),
);
if (isWritten) {
  const text = `Requests come evenly at half of what the server can do, for ${minutes} minutes; its resident memory is looked at every ${SAMPLE_MS / 1000} s. The
slope is that of the least-squares line through the second half of the samples.`;
  await writeSection({
    ...{ command: 'bench:serve:soak', title: 'Half of what it can do, for long', machine, date },
    parts: [text, judgedTable(rows)],
  });
}

function rowsOf(perSecond: number, result: LoadResult, memory: MemorySample[], recordedMb: number): Judged[] {
  const good = result.latencies.get(200);
  const sent = [...result.latencies.values()].reduce((sum, { count }) => sum + count, result.broken);
  const later = memory.slice(Math.floor(memory.length / 2));
  const mbPerHour = slope(later.map(({ seconds, mb }) => ({ x: seconds / 3600, y: mb })));
  const { min, max } = spread(later.map(({ mb }) => mb));
  return [
    told('wanted to send', perSecond, 'requests/s'),
    told('answered with 200', (good?.count ?? 0) / result.seconds, 'requests/s'),
    atMost(0, 'not answered with 200', sent - (good?.count ?? 0), 'requests'),
    atMost(0, 'not sent, as no connection was free', result.unsent, 'requests'),
    told('p50', good?.quantileMs(0.5) ?? Number.NaN, 'ms'),
    told('p99', good?.quantileMs(0.99) ?? Number.NaN, 'ms'),
    told('longest', good?.maxMs ?? Number.NaN, 'ms'),
    told('memory at the start', memory[0]?.mb ?? Number.NaN, 'MB'),
    told('least in the second half', min, 'MB'),
    told('most in the second half', max, 'MB'),
    told('slope of the second half', mbPerHour, 'MB/hour'),
    told('recorded', recordedMb, 'MB'),
  ];
}

/** Of all files of a folder, which need not be there. */
async function sizeMb(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}
