import { Worker } from 'node:worker_threads';
import type { VisitCounts, VisitorsToday } from './visit.ts';

/** The visitors, who ask the service from a thread of their own while the loop turns. */
export interface Visitors {
  /** From now on these customers come. */
  admit(today: VisitorsToday): void;
  /** The shop closes; what came of all visits. Throws what the thread died of. */
  close(): Promise<VisitCounts>;
}

/** Opens the counters; nobody comes before the first `admit`. `program` is what runs in the thread. */
export function openVisitors(program = new URL('./visitors.ts', import.meta.url)): Visitors {
  const worker = new Worker(program);
  // A function, not a rejected promise: nobody waits for it before the shop closes, which would end the process.
  const ended = new Promise<() => VisitCounts>((resolve) => {
    worker.on('message', (counts: VisitCounts) => {
      resolve(() => counts);
    });
    worker.on('error', (error) => {
      resolve(() => {
        throw error;
      });
    });
  });
  return {
    admit(today) {
      worker.postMessage(today);
    },
    async close() {
      worker.postMessage('close');
      return (await ended)();
    },
  };
}
