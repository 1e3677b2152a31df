const MINUTE = 1;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Something that happens in the simulated month. Minutes are of the month, whose days begin at midnight UTC. */
export interface Incident {
  title: string;
  /** From when, and how long it is really wrong. */
  from: number;
  minutes: number;
  /** Until when alerts may fire because of it. Windows do not overlap, and between them nothing may fire. */
  windowMinutes: number;
  effect: Effect;
  /** All alerts that fire, and no others do. */
  alerts: string[];
  /** Of these the ones that another silences in Alertmanager. */
  silenced?: string[];
}

/** What is different while it lasts. Shares are of requests. */
export type Effect = Partial<
  Record<'failing' | 'slow' | 'shed', number> &
    Record<'serviceDown' | 'machineDown' | 'rebooted' | 'runnerOff' | 'busy' | 'drifted', true> & {
      /** Percent of the disk at its begin, and a minute. */
      diskFree: number;
      diskFalls: number;
      skipped: 'etl' | 'backup';
      scheduleLate: true;
      quarantined: number;
    }
>;

const at = (day: number, hour: number, minute = 0) => day * DAY + hour * HOUR + minute;

/** A month of a server at home. What must be told, and what must not: short, small, planned or harmless. */
export const INCIDENTS: readonly Incident[] = [
  {
    title: 'Reboot for updates at 04:00, 3 minutes',
    from: at(1, 4),
    minutes: 3,
    windowMinutes: HOUR,
    effect: { machineDown: true, serviceDown: true, rebooted: true },
    alerts: ['MachineRebooted'],
  },
  {
    title: 'The service is down at night, 25 minutes',
    from: at(2, 3, 10),
    minutes: 25,
    windowMinutes: 2 * HOUR,
    effect: { serviceDown: true },
    alerts: ['ServiceDown'],
  },
  {
    title: '2 % of requests fail, for 14 hours',
    from: at(3, 8),
    minutes: 14 * HOUR,
    windowMinutes: 24 * HOUR,
    effect: { failing: 0.02 },
    alerts: ['ServiceFailingSlowly'],
  },
  {
    title: 'Training of three hours takes all processors',
    from: at(6, 4, 37),
    minutes: 3 * HOUR,
    windowMinutes: 5 * HOUR,
    effect: { busy: true },
    alerts: [],
  },
  {
    title: 'Blip: 60 % of requests fail, for 5 minutes',
    from: at(8, 10),
    minutes: 5,
    windowMinutes: 6 * HOUR,
    effect: { failing: 0.6 },
    alerts: [],
  },
  {
    title: 'At night 3 in 10 of a handful of requests fail, for an hour',
    from: at(9, 2, 30),
    minutes: HOUR,
    windowMinutes: 3 * HOUR,
    effect: { failing: 0.3 },
    alerts: [],
  },
  {
    title: 'Bad release: 40 % of requests fail until it is rolled back after 20 minutes',
    from: at(10, 11),
    minutes: 20,
    windowMinutes: 7 * HOUR,
    effect: { failing: 0.4 },
    alerts: ['ServiceFailingFast'],
  },
  {
    title: '30 % of answers are slow, for 40 minutes',
    from: at(12, 14),
    minutes: 40,
    windowMinutes: 7 * HOUR,
    effect: { slow: 0.3 },
    alerts: ['ServiceSlowFast'],
  },
  {
    title: 'A peak: 8 % of requests are turned away, for 30 minutes',
    from: at(13, 12),
    minutes: 30,
    windowMinutes: 3 * HOUR,
    effect: { shed: 0.08 },
    alerts: ['ServiceShedding'],
  },
  {
    title: 'Power cut, 20 minutes',
    from: at(14, 19),
    minutes: 20,
    windowMinutes: 3 * HOUR,
    effect: { machineDown: true, serviceDown: true, rebooted: true },
    alerts: ['MachineDown', 'MachineRebooted', 'ServiceDown'],
    silenced: ['ServiceDown'],
  },
  {
    title: 'At night all of a handful of requests fail, for an hour',
    from: at(15, 1),
    minutes: HOUR,
    windowMinutes: 4 * HOUR,
    effect: { failing: 1 },
    alerts: ['ServiceFailingRarelyAsked'],
  },
  {
    title: 'The disk fills by 12 % a day, until it is cleaned',
    from: at(16, 0),
    minutes: 33 * HOUR,
    windowMinutes: 60 * HOUR,
    effect: { diskFree: 45, diskFalls: 12 / DAY },
    alerts: ['DiskFullInDays'],
  },
  {
    title: 'A runaway log fills the disk at 02:00 by 15 % an hour',
    from: at(19, 2),
    minutes: 215,
    windowMinutes: 6 * HOUR,
    effect: { diskFree: 60, diskFalls: 0.25 },
    alerts: ['DiskFullInDays', 'DiskFullInHours'],
  },
  {
    title: 'The ETL fails, until it is mended in the evening',
    from: at(20, 2),
    minutes: 18 * HOUR,
    windowMinutes: 24 * HOUR,
    effect: { skipped: 'etl' },
    alerts: ['DataStale', 'StepOverdue'],
  },
  {
    title: 'GitHub starts a schedule two hours late',
    from: at(21, 2, 17),
    minutes: 2 * HOUR,
    windowMinutes: 6 * HOUR,
    effect: { scheduleLate: true },
    alerts: [],
  },
  {
    title: 'One backup is missing',
    from: at(22, 0),
    minutes: 24 * HOUR,
    windowMinutes: 26 * HOUR,
    effect: { skipped: 'backup' },
    alerts: ['BackupOld'],
  },
  {
    title: 'The runner updates itself, 10 minutes',
    from: at(23, 10),
    minutes: 10,
    windowMinutes: 2 * HOUR,
    effect: { runnerOff: true },
    alerts: [],
  },
  {
    title: 'The runner is offline, 5 hours',
    from: at(24, 9),
    minutes: 5 * HOUR,
    windowMinutes: 7 * HOUR,
    effect: { runnerOff: true },
    alerts: ['RunnerOffline'],
  },
  {
    title: '400 lines go into quarantine at once',
    from: at(25, 2, 30),
    minutes: 24 * HOUR,
    windowMinutes: 26 * HOUR,
    effect: { quarantined: 400 },
    alerts: ['QuarantineGrowing'],
  },
  {
    title: 'The world changes: drift, and the gate refuses three challengers',
    from: at(26, 6),
    minutes: 60 * HOUR,
    windowMinutes: 72 * HOUR,
    effect: { drifted: true },
    alerts: ['GateRefusesAgain', 'ModelDrifted'],
  },
];

/** Minutes of the month. */
export const MONTH = 30 * DAY;

/** What is different at this minute. */
export function effectAt(minute: number): { incident?: Incident; effect: Effect } {
  const incident = INCIDENTS.find(({ from, minutes }) => minute >= from && minute < from + minutes);
  return incident === undefined ? { effect: {} } : { incident, effect: incident.effect };
}
