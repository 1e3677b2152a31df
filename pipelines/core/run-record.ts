import type { Day } from './days.ts';

export type Step = 'etl' | 'dispatch' | 'train' | 'evaluate' | 'promote' | 'deliver' | 'report';

/** What a step did, kept for ever: the lineage of every number. */
export interface RunRecord<Result = unknown> {
  /** `<step>-<hash of step, model and inputs>`: the same work has the same id, so that it is done once. */
  id: string;
  step: Step;
  model: string;
  /** The newest complete day that the step knew of. */
  asOf: Day;
  gitCommit?: string | undefined;
  /** What went in, by content: hashes of files and values. */
  inputs: Record<string, string>;
  /** What came out, by content. */
  outputs: Record<string, string>;
  outcome: 'done' | 'promoted' | 'refused' | 'insufficient-data';
  /** The step's own figures, as its JSON output shows them. */
  result: Result;
  startedAt: string;
  durationMs: number;
}
