/** A calendar day in UTC, written `YYYY-MM-DD`; such strings sort as the days do. */
export type Day = string;

const MS_PER_DAY = 86_400_000;

/** The day that `text` names, or undefined when it names none (`2025-02-30`, `today`). */
export function parseDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(date.getTime()) || dayOf(date) !== text ? undefined : text;
}

/** The UTC day on which `date` lies. */
export function dayOf(date: Date): Day {
  return date.toISOString().slice(0, 10);
}

/** Days since 1970-01-01. */
export function dayNumber(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`) / MS_PER_DAY;
}

/** The day `days` days after `day` (before it when negative). */
export function addDays(day: Day, days: number): Day {
  return dayOf(new Date((dayNumber(day) + days) * MS_PER_DAY));
}

/** How many days `to` lies after `from`; negative when it lies before. */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from);
}

/** The days of `[from, to)` in order. */
export function daysFrom(from: Day, to: Day): Day[] {
  return Array.from({ length: Math.max(0, daysBetween(from, to)) }, (_, index) => addDays(from, index));
}
