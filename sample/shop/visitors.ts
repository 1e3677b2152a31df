import { parentPort } from 'node:worker_threads';

/** A customer at the counter: what the shop knows of them, and the score that was delivered for them. */
export interface Visitor {
  row: Record<string, unknown>;
  score: number;
}

/** Who visits now, and the version that their delivered scores are of. */
export interface VisitorsToday {
  url: string;
  version: string;
  visitors: Visitor[];
}

/** What came of all visits so far. */
export interface VisitCounts {
  sent: number;
  failed: number;
  /** Answers whose score could be compared: same version, same day. */
  compared: number;
  maxDifference: number;
  /** Versions in the order in which they first answered. */
  versions: string[];
  /** What the first failed request met. */
  firstFailure?: string | undefined;
}

const COUNTERS = 2;
/** The shop is visited all day, but shares the machine with the training. */
const PAUSE_MS = 20;

/** Runs in a worker thread, so that visits go on while the loop computes: each counter asks for one visitor at a time. */
async function keepVisiting(port: NonNullable<typeof parentPort>): Promise<void> {
  const counts: VisitCounts = { sent: 0, failed: 0, compared: 0, maxDifference: 0, versions: [] };
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

async function visit({ url, version, visitors }: VisitorsToday, turn: number, counts: VisitCounts): Promise<void> {
  const visitor = visitors[turn % visitors.length];
  counts.sent += 1;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ row: visitor?.row }),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const answer = (await response.json()) as { version: string; predictions: { score: number }[] };
    const score = answer.predictions[0]?.score ?? Number.NaN;
    if (!(score >= 0 && score <= 1)) throw new Error(`the score ${score}`);
    if (!counts.versions.includes(answer.version)) counts.versions.push(answer.version);
    if (answer.version !== version) return;
    counts.compared += 1;
    counts.maxDifference = Math.max(counts.maxDifference, Math.abs(score - (visitor?.score ?? Number.NaN)));
  } catch (error) {
    counts.failed += 1;
    counts.firstFailure ??= error instanceof Error ? error.message : String(error);
  }
}

if (parentPort) await keepVisiting(parentPort);
