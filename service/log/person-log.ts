import { stackOf } from '../../pipelines/core/error-text.ts';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';
import type { RequestLog } from './request-log.ts';

/** The log for a person at a terminal: what happens and what fails, in a line of text each; no single requests. */
export function personLog(log: (line: string) => void): RequestLog {
  return {
    request: () => undefined,
    event({ message }) {
      log(`serve: ${message}`);
    },
    error({ message, error, requestId }) {
      const request = requestId === undefined ? '' : ` (request ${requestId})`;
      log(`serve: ${message}${request}: ${textOf(error)}`);
    },
    state: { dropped: 0, waitingBytes: 0, problem: undefined },
    close: () => Promise.resolve(),
  };
}

function textOf(error: unknown): string {
  if (error instanceof CleaverError) return `${error.code} ${error.message}`;
  return error instanceof Error ? stackOf(error) : messageOf(error);
}
