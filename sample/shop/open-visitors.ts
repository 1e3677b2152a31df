import { Worker } from 'node:worker_threads';
import type { VisitCounts, VisitorsToday } from './visitors.ts';

/** The visitors, who ask the service from a thread of their own while the loop turns. */
export interface Visitors {
  /** From now on these customers come. */
  admit(today: VisitorsToday): void;
  /** The shop closes; what came of all visits. */
  close(): Promise<VisitCounts>;
}

/** Opens the counters; nobody comes before the first `admit`. */
export function openVisitors(): Visitors {
  const worker = new Worker(new URL('./visitors.ts', import.meta.url));
  const counts = new Promise<VisitCounts>((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
  });
  return {
    admit(today) {
      worker.postMessage(today);
    },
    close() {
      worker.postMessage('close');
      return counts;
    },
  };
}
