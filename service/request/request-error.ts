import { CleaverError, type ErrorCode } from '../../pipelines/core/errors.ts';

/** What is wrong with a request, and where in its body: `rows[3].orders_28d`. */
export class RequestError extends CleaverError {
  readonly path: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint: string; path?: string; cause?: unknown }) {
    super(code, message, options);
    this.path = options.path;
  }
}
