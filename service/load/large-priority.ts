import os from 'node:os';
import { messageOf } from '../../pipelines/core/errors.ts';

/** A thread that is nicer by five gets a quarter of a core that another one wants whole; by ten, a tenth. */
const NICER_BY = 5;
const NICEST = 19;

/**
 * Has the thread that calls it leave most of a core to others of its process that want it too, so that single rows are
 * answered beside it. Only on Linux, where a priority is a thread's own; elsewhere it would be the whole process's. Where
 * it is not allowed, `say` hears of it and the thread goes on as it is.
 */
export function giveWay(
  say: (line: string) => void,
  platform: NodeJS.Platform = process.platform,
  system: Pick<typeof os, 'getPriority' | 'setPriority'> = os,
): void {
  if (platform !== 'linux') return;
  try {
    // 0 is whoever asks.
    system.setPriority(0, Math.min(system.getPriority(0) + NICER_BY, NICEST));
  } catch (error) {
    say(`Large requests take as much of the processor as small ones: ${messageOf(error)}`);
  }
}
