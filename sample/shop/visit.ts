import { askService, type Send } from './ask-service.ts';

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

/** Before anybody came. */
export function noVisits(): VisitCounts {
  return { sent: 0, failed: 0, compared: 0, maxDifference: 0, versions: [] };
}

/** One visitor, the next in turn, asks the service; what comes of it is counted. */
export async function visit(
  { url, version, visitors }: VisitorsToday,
  turn: number,
  counts: VisitCounts,
  send?: Send,
): Promise<void> {
  const visitor = visitors[turn % visitors.length];
  counts.sent += 1;
  try {
    const answer = await askService(url, { row: visitor?.row }, send);
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
