import { addDays, type Day } from './days.ts';

/** Days `[from, to)`. */
interface DayRange {
  from: Day;
  to: Day;
}

interface WindowInput {
  /** The newest as-of day whose label is mature. */
  newestMature: Day;
  /** The mart's first as-of day. */
  firstDay: Day;
  windowDays: number;
  holdoutDays: number;
  maturityDays: number;
}

/**
 * The as-of days to train on and, after them, those to judge on: the holdout is the newest `holdoutDays` mature days.
 *
 * Training happens as if on the morning of the holdout's first day: a training day D has its label's horizon end before
 * that day, D + maturityDays < holdout.from, hence train.to = holdout.from − maturityDays. So no event decides a label
 * on both sides. All lengths are calendar days; a mart with a day every week has fewer as-of days in them.
 * Undefined when no day is left to train on.
 */
export function trainingWindow(input: WindowInput): { train: DayRange; holdout: DayRange } | undefined {
  const end = addDays(input.newestMature, 1);
  const holdout = { from: addDays(end, -input.holdoutDays), to: end };
  const to = addDays(holdout.from, -input.maturityDays);
  const earliest = addDays(to, -input.windowDays);
  const from = earliest > input.firstDay ? earliest : input.firstDay;
  return from < to ? { train: { from, to }, holdout } : undefined;
}
