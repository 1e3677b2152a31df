import { ecsLogger, errorFields } from '../../pipelines/adapters/ecs-log.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { redact } from '../../pipelines/core/redaction.ts';
import { budgetPerSecond } from './log-budget.ts';
import { LogWriter, type LogWriterState } from './log-writer.ts';
import type { LogSettings } from '../settings.ts';

/** A request that was answered. Nothing that a client sent is in it but its id: no body, no query, no entity, no key. */
export interface RequestLine {
  method: string;
  /** The route's pattern, `/predict/:model`, not the address. */
  route: string;
  status: number;
  durationMs: number;
  requestId: string;
  /** A model that is served, not a name that a client made up. */
  model?: string | undefined;
  version?: string | undefined;
  /** The code of the error that it was answered by. */
  code?: string | undefined;
}

/** Something that happened to the service. */
export interface EventLine {
  level?: 'debug' | 'info' | 'warn';
  /** A word for machines: `model-loaded`. */
  action: string;
  message: string;
  model?: string | undefined;
  version?: string | undefined;
}

/** Something that failed, for whoever runs the service. */
export interface ErrorLine {
  /** What was to be done. */
  message: string;
  error: unknown;
  requestId?: string | undefined;
  route?: string | undefined;
  model?: string | undefined;
  version?: string | undefined;
}

export interface RequestLog {
  request(line: RequestLine): void;
  event(line: EventLine): void;
  error(line: ErrorLine): void;
  readonly state: LogWriterState;
  /** Writes what waits. */
  close(): Promise<void>;
}

export interface RequestLogOptions {
  /** Where the lines go; stderr by default. */
  writer?: Pick<LogWriter, 'write' | 'close' | 'state'>;
  /** A number from 0 to 1 (not 1), for sampling. */
  random?: () => number;
}

// A worker thread's process.stderr has no descriptor of its own.
const STDERR = 2;

const FAILURES_PER_SECOND = 100;

/**
 * One line of JSON for each event, its fields those of the Elastic Common Schema. Good requests are sampled; of failed
 * ones and of errors 100 each are logged in a second and the others counted, so that an overload is no flood of lines.
 */
export function requestLog(settings: LogSettings, options: RequestLogOptions = {}): RequestLog {
  const { writer = new LogWriter(STDERR), random = Math.random } = options;
  const logger = ecsLogger(settings.level, writer);
  const failures = budgetPerSecond(FAILURES_PER_SECOND, (beyond) => {
    logger.warn(
      { 'event.action': 'requests-not-logged', 'cleaver.not_logged': beyond },
      'Too many requests failed to log each',
    );
  });
  const errors = budgetPerSecond(FAILURES_PER_SECOND, (beyond) => {
    logger.warn({ 'event.action': 'errors-not-logged', 'cleaver.not_logged': beyond }, 'Too many errors to log each');
  });
  const share = logger.isLevelEnabled('info') ? settings.requestShare : 0;
  return {
    request(line) {
      if (line.status < 400) {
        if (random() < share) logger.info(requestFields(line), `${line.method} ${line.route} ${line.status}`);
        return;
      }
      const level = line.status < 500 ? 'warn' : 'error';
      if (!logger.isLevelEnabled(level) || !failures.take(String(line.status))) return;
      logger[level](requestFields(line), `${line.method} ${line.route} ${line.status}`);
    },
    event({ level = 'info', action, message, model, version }) {
      logger[level]({ 'event.action': action, 'labels.model': model, 'labels.version': version }, redact(message));
    },
    error(line) {
      if (errors.take(line.error instanceof CleaverError ? line.error.code : 'INTERNAL')) {
        logger.error(errorLineFields(line), redact(line.message));
      }
    },
    get state() {
      return writer.state;
    },
    async close() {
      failures.close();
      errors.close();
      await writer.close();
    },
  };
}

/** Field by field: what else an object may hold does not get into the log. */
function requestFields({ method, route, status, durationMs, requestId, model, version, code }: RequestLine) {
  return {
    'http.request.method': method,
    'url.path': route,
    'http.response.status_code': status,
    'event.duration': Math.round(durationMs * 1e6),
    'trace.id': requestId,
    'labels.model': model,
    'labels.version': version,
    'error.code': code,
  };
}

function errorLineFields({ error, requestId, route, model, version }: ErrorLine) {
  return {
    'url.path': route,
    'trace.id': requestId,
    'labels.model': model,
    'labels.version': version,
    ...errorFields(error),
  };
}
