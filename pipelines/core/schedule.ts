import { Cron } from 'croner';

const MINUTE_MS = 60_000;
/** More are not counted: what was due every five minutes for half a year is no number that helps. */
export const MAX_SLOTS = 1_000;

/** When a workflow is due: `cron` in five parts; `timezone` by its IANA name, UTC without. */
export interface Schedule {
  cron: string;
  timezone?: string | undefined;
}

/** The minutes at which a schedule was due after `from` and before `to`, the first thousand. */
export function slotsBetween(schedule: Schedule, from: Date, to: Date): Date[] {
  const cron = parseCron(schedule);
  const found: Date[] = [];
  for (let slot = cron?.nextRun(from); slot && slot < to && found.length < MAX_SLOTS; slot = cron?.nextRun(slot)) {
    found.push(slot);
  }
  return found;
}

/** When a schedule was due last, at or before `now`; undefined for one that is none, or never due. */
export function lastSlot(schedule: Schedule, now: Date): Date | undefined {
  const nextMinute = new Date((Math.floor(now.getTime() / MINUTE_MS) + 1) * MINUTE_MS);
  return parseCron(schedule)?.previousRuns(1, nextMinute)[0];
}

/** When a schedule is due first after `from`; undefined for one that is none, or never due again. */
export function nextSlot(schedule: Schedule, from: Date): Date | undefined {
  return parseCron(schedule)?.nextRun(from) ?? undefined;
}

function parseCron({ cron, timezone = 'UTC' }: Schedule): Cron | undefined {
  try {
    // Cron itself finds an unknown zone only when it is asked for a time.
    Intl.DateTimeFormat('en', { timeZone: timezone });
    return new Cron(cron, { timezone, mode: '5-part', sloppyRanges: true });
  } catch {
    return undefined;
  }
}
