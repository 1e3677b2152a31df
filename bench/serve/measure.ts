import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bodyOf, scoreIn } from './bodies.ts';
import { answerOf, launch, type Launched } from './launch.ts';
import type { Testee } from './testees.ts';
import { runWrk, type LoadFigures } from './wrk.ts';
import type { Workplace } from './workplace.ts';

export const CONNECTIONS = [64, 1] as const;
const WARM_UP_SECONDS = 2;
const CHECKED_ROWS = 20;
const BODIES = 4_000;

/** One server in one round. */
export interface Measurement {
  readyMs: number;
  residentMb: number;
  /** By number of connections. */
  load: Readonly<Record<(typeof CONNECTIONS)[number], LoadFigures>>;
}

/** Starts a server, holds some of its answers against LightGBM, warms it up, measures it and stops it. */
export async function measure(
  testee: Testee,
  place: Workplace,
  programs: string,
  seconds: number,
): Promise<Measurement> {
  return await withServer(testee, place, programs, async (running) => {
    await checkScores(testee, running, place);
    const url = `${running.url}${testee.path}`;
    const bodies = await writeBodies(testee, place);
    await runWrk(url, bodies, CONNECTIONS[0], WARM_UP_SECONDS);
    const many = await runWrk(url, bodies, 64, seconds);
    const one = await runWrk(url, bodies, 1, seconds);
    return { readyMs: running.readyMs, residentMb: running.residentMb(), load: { 64: many, 1: one } };
  });
}

/** Calls `work` with a server that runs meanwhile. When it fails, the error has what the server printed last. */
export async function withServer<Result>(
  testee: Testee,
  { folder, model }: Workplace,
  programs: string,
  work: (running: Launched) => Promise<Result>,
): Promise<Result> {
  const running = await launch({
    folder,
    command: testee.command(model, programs),
    trial: { path: testee.path, body: bodyOf(testee.protocol, model, 0) },
  });
  try {
    return await work(running);
  } catch (cause) {
    throw new Error(`${testee.title} cannot be measured. It printed:\n${running.log().slice(-5_000)}`, { cause });
  } finally {
    await running.stop();
    // What a server of ours recorded would make the next one start with more.
    await rm(model.home.predictions, { recursive: true, force: true });
  }
}

/** The bodies of the first rows in a file, one a line; as many as wrk shall have that are all different. */
export async function writeBodies(testee: Pick<Testee, 'protocol'>, { folder, model }: Workplace): Promise<string> {
  const file = path.join(folder, `${testee.protocol}.bodies`);
  const count = Math.min(BODIES, model.rowCount);
  const lines = Array.from({ length: count }, (_, row) => `${bodyOf(testee.protocol, model, row)}\n`);
  await writeFile(file, lines.join(''));
  return file;
}

async function checkScores(testee: Testee, { url }: Launched, { model }: Workplace): Promise<void> {
  if (testee.name === 'noop') return;
  for (let row = 0; row < CHECKED_ROWS; row += 1) {
    const { status, text } = await answerOf(`${url}${testee.path}`, bodyOf(testee.protocol, model, row));
    const expected = model.scores['v1']?.[row] ?? Number.NaN;
    if (status === 200 && Math.abs(scoreIn(testee.protocol, text) - expected) < 1e-6) continue;
    throw new Error(`${testee.title} answers row ${row}, whose score is ${expected}, with ${status} ${text}`);
  }
}
