import type { KnownWorkflow, Workflows } from '../adapters/github/workflows.ts';
import type { ScheduledWorkflow } from '../adapters/workflow-files.ts';
import { lastSlot } from '../core/schedule.ts';

export interface CatchUpOptions {
  scheduled: ScheduledWorkflow;
  /** What GitHub knows of it; undefined where it does not know it. */
  known: KnownWorkflow | undefined;
  now: Date;
  /** GitHub starts late: what was due less than so long ago may still come. */
  graceMinutes: number;
}

/** `started`: by us. `on-time`: nothing is due. `left`: it cannot or must not be started. `reason` is for people. */
export interface CatchUpResult {
  workflow: string;
  outcome: 'started' | 'on-time' | 'left';
  reason: string;
  /** When it was due last. */
  due?: string;
  /** Whether we enabled it. */
  enabled: boolean;
}

/**
 * Starts a workflow whose schedule GitHub dropped: it was due, and nothing has started it since. Its runs on GitHub say
 * whether that is so, hence what was started is not started again, even where the answer got lost. A workflow that
 * GitHub disabled for want of commits is enabled first; one that a person disabled is left alone. Errors: those of
 * {@link Workflows}; the next look tries again.
 */
export async function catchUp(
  workflows: Workflows,
  { scheduled, known, now, graceMinutes }: CatchUpOptions,
): Promise<CatchUpResult> {
  const { file } = scheduled;
  const found = helpable(scheduled, known);
  if (typeof found === 'string') return { workflow: file, outcome: 'left', reason: found, enabled: false };
  const { state, createdAt } = found;
  const enabled = state !== 'active';
  if (enabled) await workflows.enable(file);
  const slot = newestSlot(scheduled, new Date(now.getTime() - graceMinutes * 60_000));
  const answer = (outcome: CatchUpResult['outcome'], reason: string) => ({
    ...{ workflow: file, outcome, reason, enabled },
    ...(slot && { due: slot.toISOString() }),
  });
  if (slot === undefined) return answer('left', `its schedule is never due: ${textOf(scheduled)}`);
  const due = `${slot.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (slot < createdAt) return answer('on-time', `it was made after it would have been due, ${due}`);
  if (await workflows.hasRunSince(file, slot)) return answer('on-time', `a run has begun since it was due, ${due}`);
  if (!scheduled.startable) return answer('left', `it was due ${due}, and has no workflow_dispatch to start it by`);
  await workflows.start(file);
  return answer('started', `it was due ${due}, and no run has begun since`);
}

/** What GitHub knows of a workflow that may be helped; else why nothing may be done about it. */
function helpable({ problem }: ScheduledWorkflow, known: KnownWorkflow | undefined): KnownWorkflow | string {
  if (problem !== undefined) return problem;
  if (known === undefined) return 'GitHub has no such workflow on its default branch';
  return ['active', 'disabled_inactivity'].includes(known.state) ? known : `it is not to run: ${known.state}`;
}

function newestSlot({ schedules }: ScheduledWorkflow, before: Date): Date | undefined {
  const slots = schedules.map((schedule) => lastSlot(schedule, before)?.getTime()).filter((time) => time !== undefined);
  return slots.length === 0 ? undefined : new Date(Math.max(...slots));
}

function textOf({ schedules }: ScheduledWorkflow): string {
  return schedules.map(({ cron, timezone }) => [cron, timezone].filter(Boolean).join(' ')).join(', ') || 'it is empty';
}
