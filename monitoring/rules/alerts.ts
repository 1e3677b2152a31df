import { type Timing, timing } from '../thresholds.ts';
import type { Alert, RuleGroup, Subject } from './alert.ts';
import { MACHINE } from './machine.ts';
import { MODEL } from './model.ts';
import { MONITORING } from './monitoring.ts';
import { PIPELINE } from './pipeline.ts';
import { SERVICE } from './service.ts';

/** The rules by subject, what people feel first. */
export const GROUPS: readonly RuleGroup[] = [SERVICE, MACHINE, PIPELINE, MODEL, MONITORING];

export interface AlertOf extends Alert {
  subject: Subject;
}

/** All alerts, with durations as they are or as given. */
export function alertsOf(durations: Timing = timing()): AlertOf[] {
  return GROUPS.flatMap(({ subject, alerts: of }) => of(durations).map((alert) => ({ ...alert, subject })));
}

/** All alerts as they are installed. */
export const alerts: readonly AlertOf[] = alertsOf();
