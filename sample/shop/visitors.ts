import { parentPort } from 'node:worker_threads';
import { noVisits, visit, type VisitorsToday } from './visit.ts';

const COUNTERS = 2;
/** The shop is visited all day, but shares the machine with the training. */
const PAUSE_MS = 20;

/** Runs in a worker thread, so that visits go on while the loop computes: each counter asks for one visitor at a time. */
async function keepVisiting(port: NonNullable<typeof parentPort>): Promise<void> {
  const counts = noVisits();
  let today: VisitorsToday | undefined;
  let open = true;
  port.on('message', (message: VisitorsToday | 'close') => {
    if (message === 'close') open = false;
    else today = message;
  });
  const counter = async (first: number) => {
    for (let turn = first; open; turn += COUNTERS) {
      if (today && today.visitors.length > 0) await visit(today, turn, counts);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  await Promise.all(Array.from({ length: COUNTERS }, (_, index) => counter(index)));
  port.postMessage(counts);
  port.close();
}

if (parentPort) await keepVisiting(parentPort);
