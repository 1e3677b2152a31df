import type { Dashboard } from '../places.ts';
import type { Timing } from '../thresholds.ts';

/** Whom it wakes: `page` at once, `ticket` by day, `info` nobody. */
export type Severity = 'page' | 'ticket' | 'info';

/** What is broken. A page about a subject silences its tickets. */
export type Subject = 'service' | 'machine' | 'pipeline' | 'model' | 'monitoring';

/** What Prometheus asks, and what a person is told. Texts are Prometheus' templates only in `summary`. */
export interface Alert {
  /** In PascalCase; also the section of the runbook. */
  name: string;
  severity: Severity;
  expr: string;
  /** Seconds that it must hold; at once by default. */
  for?: number;
  /** Seconds that it goes on when that is over. */
  keepFor?: number;
  /** One line in plain words, with the value. */
  summary: string;
  /** One or two sentences: what it does to people. */
  description: string;
  dashboard: Dashboard;
  /** KQL over `cleaver-logs`. */
  logs: string;
  runbook: Runbook;
}

/** What a person who was asleep a minute ago needs. */
export interface Runbook {
  means: string;
  look: string[];
  do: string[];
}

/** A ratio that several alerts or panels use. */
export interface Recording {
  record: string;
  expr: string;
}

/** The rules about one subject, as durations have it. */
export interface RuleGroup {
  subject: Subject;
  recordings?: (timing: Timing) => Recording[];
  alerts: (timing: Timing) => Alert[];
}

/** Seconds as Prometheus writes a duration: `36h`, `90s`, `1500ms`. */
export function duration(seconds: number): string {
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    if (Number.isInteger(seconds / length)) return `${seconds / length}${unit}`;
  }
  return `${Math.max(1, Math.round(seconds * 1000))}ms`;
}
