import { pino, type Level, type Logger } from 'pino';
import packageJson from '../../package.json' with { type: 'json' };
import { stackOf } from '../core/error-text.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
import { redact } from '../core/redaction.ts';

/** The least that is logged. */
export type LogLevel = Exclude<Level, 'fatal'> | 'silent';

/** A logger of one JSON line for each event, its fields those of the Elastic Common Schema, with dots in their names. */
export function ecsLogger(level: LogLevel, writer: { write(line: string): void }): Logger {
  return pino(
    {
      level,
      messageKey: 'message',
      // @elastic/ecs-pino-format would add a package for these lines, and what it is for, logging whole requests with
      // headers and query, is what must not happen here.
      timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }) },
      base: {
        'ecs.version': '8.10.0',
        'service.name': 'cleaver',
        'service.version': packageJson.version,
        'process.pid': process.pid,
      },
    },
    writer,
  );
}

/** The fields of an error, masked; `names` as of {@link redact}. */
export function errorFields(error: unknown, names: readonly string[] = []) {
  const known = error instanceof CleaverError;
  return {
    'error.type': error instanceof Error ? error.name : typeof error,
    'error.code': known ? error.code : undefined,
    'error.message': redact(known ? `${error.message} ${error.hint}` : messageOf(error), names),
    // Where a bug is; for what a user can mend the message says it all.
    'error.stack_trace': known || !(error instanceof Error) ? undefined : redact(stackOf(error), names),
  };
}
