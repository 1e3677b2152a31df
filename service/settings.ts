import type { z } from 'zod';
import { CleaverError } from '../pipelines/core/errors.ts';
import type { ApiKey } from './access/api-keys.ts';
import { misspelled } from './request/misspelling.ts';
import { metaOf, variables } from './settings-variables.ts';

/** How the prediction record is written, see docs/serving.md. */
export interface RecordSettings {
  fsync: 'always' | 'interval' | 'never';
  features: 'values' | 'hash' | 'none';
  flushMs: number;
  fsyncMs: number;
  maxFileBytes: number;
  maxFileSeconds: number;
  maxWaitingBytes: number;
}

/** What is logged. */
export interface LogSettings {
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** The share of good requests that are logged, 0 to 1; failed ones always are. */
  requestShare: number;
}

/** What the service may be burdened with; each is explained in docs/serving.md. */
export interface ServiceLimits {
  bodyBytes: number;
  rows: number;
  waitingRows: number;
  requestMs: number;
  /** How long the server goes on accepting and answering after it has been told to end. */
  lingerMs: number;
  drainMs: number;
  largeRows: number;
  largeBodyBytes: number;
  loopDelayMs: number;
  connections: number;
}

/** The service's configuration, checked. */
export interface ServiceSettings {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Of `/metrics` and the probes, without a key; undefined: there is none. */
  metricsPort: number | undefined;
  /** Processes that share the port; 1 means no others. */
  workers: number;
  limits: ServiceLimits;
  /** Undefined: no key is asked for. */
  apiKeys: ApiKey[] | undefined;
  corsOrigins: string[];
  /** Whether times of requests name one of them by its id. */
  exemplars: boolean;
  log: LogSettings;
  /** Undefined: nothing is recorded. */
  record: RecordSettings | undefined;
  serve: {
    /** Whether the challenger is loaded too. */
    challenger: boolean;
    /** The share of requests that it scores in the shadow, 0 to 1. */
    shadowShare: number;
    /** The share of requests without a version that it answers, 0 to 1. */
    canaryShare: number;
  };
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The settings in environment variables. Error: OPTION_INVALID with every problem at once, and no secret in it. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): ServiceSettings {
  // One that is set to nothing counts as not set, as in a `.env` file or a chart's values.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => problemOf(issue, given)),
    ...challengerProblems(given),
    ...portProblems(given),
    ...misspelled(Object.keys(given), Object.keys(variables.shape)),
  ];
  if (parsed.success && problems.length === 0) return settingsOf(parsed.data);
  const lines = [...new Set(problems)].map((problem) => `  ${problem}`);
  throw new CleaverError('OPTION_INVALID', `The environment cannot be used:\n${lines.join('\n')}`, {
    hint: 'Mend each line above; docs/serving.md has a table of the settings.',
  });
}

/** The settings for people: everything but secrets, of the API keys the name and the scopes. */
export function describeSettings({ apiKeys, record, ...others }: ServiceSettings): Record<string, unknown> {
  return {
    ...others,
    apiKeys: apiKeys?.map(({ name, scopes }) => ({ name, scopes })) ?? 'none is asked for',
    record: record ?? 'off',
  };
}

type Values = z.output<typeof variables>;

function problemOf({ path, message }: z.core.$ZodIssue, given: NodeJS.ProcessEnv): string {
  const name = String(path[0]) as keyof Values;
  const { must } = metaOf(name);
  return `${name} must ${must}; ${name === 'CLEAVER_API_KEYS_FILE' ? message : `it is ${JSON.stringify(given[name])}`}.`;
}

function challengerProblems(given: NodeJS.ProcessEnv): string[] {
  if (given['CLEAVER_SERVE'] === 'champion,challenger') return [];
  return ['CLEAVER_SHADOW', 'CLEAVER_CANARY']
    .filter((name) => given[name] !== undefined && Number(given[name]) !== 0)
    .map((name) => `${name} needs CLEAVER_SERVE=champion,challenger.`);
}

function portProblems({ PORT: port, CLEAVER_METRICS_PORT: metricsPort }: NodeJS.ProcessEnv): string[] {
  const isOther =
    metricsPort === undefined || Number(metricsPort) === 0 || Number(metricsPort) !== Number(port ?? 8080);
  return isOther ? [] : [`CLEAVER_METRICS_PORT must be another port than PORT; both are ${metricsPort}.`];
}

function settingsOf(values: Values): ServiceSettings {
  return {
    host: values.HOST,
    port: values.PORT,
    metricsPort: values.CLEAVER_METRICS_PORT,
    workers: values.CLEAVER_WORKERS,
    limits: {
      bodyBytes: values.CLEAVER_MAX_BODY_MB * MIB,
      rows: values.CLEAVER_MAX_ROWS,
      waitingRows: values.CLEAVER_MAX_WAITING_ROWS,
      requestMs: values.CLEAVER_REQUEST_TIMEOUT_MS,
      lingerMs: values.CLEAVER_LINGER_MS,
      drainMs: values.CLEAVER_DRAIN_TIMEOUT_MS,
      largeRows: values.CLEAVER_LARGE_ROWS,
      largeBodyBytes: values.CLEAVER_LARGE_BODY_KB * KIB,
      loopDelayMs: values.CLEAVER_MAX_LOOP_DELAY_MS,
      connections: values.CLEAVER_MAX_CONNECTIONS,
    },
    apiKeys: values.CLEAVER_API_KEYS_FILE,
    corsOrigins: values.CLEAVER_CORS_ORIGINS,
    exemplars: values.CLEAVER_METRICS_EXEMPLARS === 'on',
    log: { level: values.CLEAVER_LOG_LEVEL, requestShare: values.CLEAVER_LOG_REQUESTS },
    record: recordOf(values),
    serve: {
      challenger: values.CLEAVER_SERVE === 'champion,challenger',
      shadowShare: values.CLEAVER_SHADOW,
      canaryShare: values.CLEAVER_CANARY,
    },
  };
}

function recordOf(values: Values): RecordSettings | undefined {
  if (values.CLEAVER_RECORD === 'off') return undefined;
  return {
    fsync: values.CLEAVER_RECORD,
    features: values.CLEAVER_RECORD_FEATURES,
    flushMs: values.CLEAVER_RECORD_FLUSH_MS,
    fsyncMs: values.CLEAVER_RECORD_FSYNC_MS,
    maxFileBytes: values.CLEAVER_RECORD_FILE_MB * MIB,
    maxFileSeconds: values.CLEAVER_RECORD_FILE_SECONDS,
    maxWaitingBytes: values.CLEAVER_RECORD_WAITING_MB * MIB,
  };
}
