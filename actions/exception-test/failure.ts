/** What keeps the exception test from being done, and what its reader can do. */
export type ProblemCode =
  | 'VITEST_MISSING'
  | 'PLUGIN_MISSING'
  | 'SOURCES_MISSING'
  | 'TESTS_MISSING'
  | 'TESTS_RED'
  | 'TESTS_FLAKY'
  | 'BASELINE_INVALID'
  | 'OPTION_INVALID';

/** An error that its reader can mend: `message` says what and why, `hint` what to do next. */
export class ExceptionTestError extends Error {
  override readonly name = 'ExceptionTestError';
  readonly code: ProblemCode;
  readonly hint: string;

  constructor(code: ProblemCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = options.hint;
  }
}
