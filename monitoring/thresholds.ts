const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is promised to whoever asks the service for scores. The burn-rate alerts are these in another form. */
export const OBJECTIVES = {
  /** A home server restarts, and its line drops: 0.5 % of 30 days is 3.6 hours. */
  availability: 0.995,
  /** One row takes a millisecond; 1 % may be slow while a batch or a training has the processor. */
  latency: 0.99,
  /** What counts as slow, in seconds. It must be a bucket of `cleaver_http_request_duration_seconds`. */
  latencySeconds: 0.25,
  /** The days that a budget of errors has to last. The factors below are of this length. */
  periodDays: 30,
} as const;

/**
 * Multi-window, multi-burn-rate, as the SRE workbook has it (chapter "Alerting on SLOs", table 5-8): how many times too
 * fast the budget is spent, over a long window, and over a short one so that it ends soon after the cause.
 */
export const BURN_RATES = [
  /** 2 % of the month's budget in an hour. */
  { severity: 'page', factor: 14.4, long: '1h', short: '5m' },
  /** 5 % in six hours. */
  { severity: 'page', factor: 6, long: '6h', short: '30m' },
  /** 10 % in a day. */
  { severity: 'ticket', factor: 3, long: '1d', short: '2h' },
  /** 10 % in three days: the budget goes exactly as fast as it comes. */
  { severity: 'ticket', factor: 1, long: '3d', short: '6h' },
] as const;

export type Window = (typeof BURN_RATES)[number]['long' | 'short'];

/** Above or below which something is wrong. None of them is a time; those are in {@link TIMING}. */
export const THRESHOLDS = {
  /** Requests in the long window. With fewer, one unlucky request is a high share: 1 of 50 is already 4 times the budget. */
  minimumRequests: 100,
  /** Below that many, at least so many failures and such a share of all, so that a service that nobody asks often is seen too. */
  rareFailures: 5,
  rareFailureShare: 0.5,
  /** Turned away because it is busy. A short peak sheds some, and clients come again. */
  shedShare: 0.05,
  /** At 0.25 s the service itself begins to shed (`CLEAVER_MAX_LOOP_DELAY_MS`). */
  eventLoopSeconds: 0.15,
  /** Of the chart's limit (512Mi), the last warning before the kernel ends the process. */
  serviceMemoryBytes: 0.9 * 512 * 1024 ** 2,
  /** One restart is a release, two are a release and its return. */
  restarts: 3,
  /** A registry on a network disk fails now and then; it is asked every few seconds. */
  registryFailures: 3,
  /** Only a disk that is both filling and this full is urgent; else one big training would page. */
  diskFreeSharePage: 0.15,
  diskFreeShareTicket: 0.4,
  /** Whatever the trend: below it Postgres and DuckDB fail at their next big sort. */
  diskFreeShareLeast: 0.05,
  /** Of memory that can be had without swapping. */
  memoryFreeShare: 0.1,
  /** A training uses all processors, and may: see `cpuBusyFor`. */
  cpuBusyShare: 0.95,
  /** TLS, tokens and the times in logs are wrong long after this; NTP keeps it below 0.01. */
  clockOffsetSeconds: 0.5,
  /** Broken lines of the prediction record in a day. A process that is killed leaves one or a few. */
  quarantineLines: 20,
  /** Three in a row: no accident, the recipe does not fit the data any more. */
  gateRefusals: 3,
  /** The mean score against the same hours a week ago, as a share of that. Weekdays differ, weeks hardly. */
  scoreShift: 0.5,
  /** Rows in the window for that comparison; below it a mean is chance. */
  scoreShiftRows: 500,
  /** Of notifications to Slack. */
  notificationFailureShare: 0.05,
} as const;

/** Every duration and age, in seconds. */
export const TIMING = {
  /** A pod restarts within one; and a machine that is down is told before what was on it, which it then silences. */
  serviceDownFor: 5 * MINUTE,
  /** One of several replicas: the others answer, so there is time. */
  instanceDownFor: 15 * MINUTE,
  burnRateFor: 2 * MINUTE,
  rareFailureWindow: HOUR,
  shedWindow: 10 * MINUTE,
  shedFor: 10 * MINUTE,
  eventLoopFor: 10 * MINUTE,
  serviceMemoryFor: 15 * MINUTE,
  /** Restarts, lost lines and failed loads are counted over it, and stay told as long. */
  countWindow: HOUR,
  registryWindow: 15 * MINUTE,
  /** A reboot with updates takes less. */
  machineDownFor: 4 * MINUTE,
  /** Until what was on it has started too; else that is told when the machine is back. */
  machineDownKeep: 5 * MINUTE,
  /** How far ahead a disk is looked at: enough to get home; and to do it at the weekend. */
  diskFullInPage: 6 * HOUR,
  diskFullInTicket: 4 * DAY,
  diskTrendPage: HOUR,
  diskTrendTicket: DAY,
  diskFor: 15 * MINUTE,
  memoryFor: 15 * MINUTE,
  /** Longer than any training that should be left running. */
  cpuBusyFor: 4 * HOUR,
  cpuWindow: 5 * MINUTE,
  clockFor: 15 * MINUTE,
  /** After a start, so long is told. */
  rebootWindow: 15 * MINUTE,
  /** Of steps that etl.yml does daily. GitHub starts it up to hours late, so a day and a half. */
  dailyStepAge: 36 * HOUR,
  /** The newest complete day: a day's length, the time until 02:17, and GitHub's delay. */
  dataAge: 40 * HOUR,
  /** A whole quarter on one model: retraining happens on news, so there has been none, or it is not seen. */
  championAge: 90 * DAY,
  /** What GitHub's schedules are late by under load, and more. */
  scheduleGrace: 3 * HOUR,
  /** The runner updates itself and restarts. */
  runnerOfflineFor: 15 * MINUTE,
  quarantineWindow: DAY,
  /** A daily backup and half a day. */
  backupAge: 36 * HOUR,
  backupNeverFor: 2 * DAY,
  /** Providers allow a name to be forgotten in days; ours is asked every few minutes. */
  dynamicDnsAge: 2 * HOUR,
  /** Let's Encrypt renews 30 days before the end; two weeks are left after it failed for two. */
  certificateTicket: 14 * DAY,
  certificatePage: 2 * DAY,
  /** watch.yml writes it every six hours. */
  stateAge: 13 * HOUR,
  stateMissingFor: 30 * MINUTE,
  scoreWindow: DAY,
  scoreShiftAgo: 7 * DAY,
  scoreShiftFor: HOUR,
  meta: 15 * MINUTE,
} as const;

/** Durations in seconds, by what they are for; with the windows of the burn rates. */
export type Timing = Readonly<Record<keyof typeof TIMING | Window, number>>;

const WINDOWS: Readonly<Record<Window, number>> = {
  '5m': 5 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '6h': 6 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
};

/** The durations, each `timeScale` times shorter: a test waits seconds, by the same rules. */
export function timing(timeScale = 1): Timing {
  const all = { ...TIMING, ...WINDOWS };
  return Object.fromEntries(Object.entries(all).map(([name, seconds]) => [name, seconds / timeScale])) as Timing;
}

/** How Alertmanager gathers, repeats and holds messages. */
export const MESSAGES = {
  /** So that what one cause sets off within it is one message; a page may not wait longer. */
  groupWaitPage: 30 * SECOND,
  groupWait: 2 * MINUTE,
  /** What joins later is told after it, and so is the end. */
  groupInterval: 5 * MINUTE,
  repeatPage: 4 * HOUR,
  repeatTicket: DAY,
  repeatInfo: 7 * DAY,
  /** The service that listens for the heartbeat should give it three times that. */
  heartbeatEvery: 5 * MINUTE,
} as const;

/** When tickets and news wait for the morning. Pages never do. */
export const QUIET_HOURS = { from: '21:00', to: '08:00', location: 'UTC' } as const;
