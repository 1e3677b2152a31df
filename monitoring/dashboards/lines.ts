import { BURN_RATES, OBJECTIVES, THRESHOLDS, TIMING } from '../thresholds.ts';

/** The line in a panel that parts well from not well. */
export interface Line {
  value: number;
  /** On which side of it something is wrong. */
  bad: 'above' | 'below';
}

const above = (value: number): Line => ({ value: rounded(value), bad: 'above' });
const below = (value: number): Line => ({ value: rounded(value), bad: 'below' });
// 1 − 0.995 is none that a person would write.
const rounded = (value: number) => Number(value.toPrecision(6));

/** Where an alert watches, its own threshold; else a figure that helps to read the panel. */
export const LINES = {
  /** Each of these is 0 while all is well. */
  none: below(1),
  any: above(1),
  isGood: below(1),
  isBad: above(1),

  cpuBusyShare: above(THRESHOLDS.cpuBusyShare),
  /** As many processes that want a processor as there are processors. */
  loadPerCpu: above(1),
  memoryUsedShare: above(1 - THRESHOLDS.memoryFreeShare),
  memoryFreeShare: below(THRESHOLDS.memoryFreeShare),
  diskFreeShare: below(THRESHOLDS.diskFreeShareLeast),
  /** What the alerts about the trend ask: nothing is left by then. */
  diskFreeLater: below(0.01),
  /** What a small SSD keeps up for long. */
  diskBytesPerSecond: above(200e6),
  /** From here on requests to the disk queue. */
  diskBusyShare: above(0.9),
  /** Nine tenths of the gigabit that a network at home has. */
  networkBitsPerSecond: above(0.9e9),
  clockOffsetSeconds: above(THRESHOLDS.clockOffsetSeconds),
  rebootSeconds: below(TIMING.rebootWindow),

  /** With fewer in an hour the alerts do not go by shares. */
  requestsPerSecond: below(THRESHOLDS.minimumRequests / 3600),
  failingShare: above(1 - OBJECTIVES.availability),
  latencySeconds: above(OBJECTIVES.latencySeconds),
  slowShare: above(1 - OBJECTIVES.latency),
  /** So fast it wakes somebody. */
  burnRate: above(BURN_RATES[0].factor),
  shedShare: above(THRESHOLDS.shedShare),
  /** Half of what may wait: a peak of twice the size would be turned away. */
  waitingShare: above(0.5),
  /** From so many rows on a batch keeps the others waiting. */
  batchRows: above(1024),
  eventLoopSeconds: above(THRESHOLDS.eventLoopSeconds),
  /** One thread answers; with more the scoring itself is at work. */
  cores: above(1),
  serviceMemoryBytes: above(THRESHOLDS.serviceMemoryBytes),
  restarts: above(THRESHOLDS.restarts),
  /** Half of the default of CLEAVER_RECORD_WAITING_MB. */
  recordWaitingBytes: above(32 * 1024 ** 2),

  /** Middle of the range: a mean score far from the usual share of ones says that something is wrong. */
  meanScore: above(0.5),
  /** A coin. */
  auc: below(0.5),
  /** No gain. */
  gain: below(0),
  championAge: above(TIMING.championAge),
  gateRefusals: above(THRESHOLDS.gateRefusals),
  dataAge: above(TIMING.dataAge),

  stepAge: above(TIMING.dailyStepAge),
  /** A step that takes an hour meets the next one of the day's. */
  stepSeconds: above(3600),
  scheduleLate: above(TIMING.scheduleGrace),
  quarantineLines: above(THRESHOLDS.quarantineLines),
  backupAge: above(TIMING.backupAge),
  dynamicDnsAge: above(TIMING.dynamicDnsAge),
  certificateLeft: below(TIMING.certificateTicket),
  stateAge: above(TIMING.stateAge),

  /** Below it the interval of a difference of means is not to be trusted. */
  armEntities: below(30),
  availability: below(OBJECTIVES.availability),
} as const satisfies Record<string, Line>;
