import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { moveToLoadCore } from './cores.ts';
import { prepareModel, type BenchModel } from './model.ts';
import { checkTools } from './wrk.ts';

export interface Workplace {
  /** A folder for everything that a measurement writes, removed at the end. */
  folder: string;
  model: BenchModel;
}

/** Trains the model in a temporary folder, which goes with this process, and calls `work` with this process on the core of the load. */
export async function inWorkplace(rowCount: number, work: (place: Workplace) => Promise<void>): Promise<void> {
  await checkTools();
  moveToLoadCore();
  const [load = 0] = loadavg();
  if (load > 0.5) say(`Something else is running here (load ${load.toFixed(1)}): the figures will be noisy.`);
  const root = await mkdtemp(path.join(tmpdir(), 'cleaver-serve-'));
  process.once('exit', () => {
    rmSync(root, { recursive: true, force: true });
  });
  // An exit by our own hand, so that its hooks run: the servers end with us too.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  const folder = path.join(root, 'work');
  await mkdir(folder);
  await work({ folder, model: await prepareModel(root, rowCount) });
}

/** Tells whoever waits how far it is. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
