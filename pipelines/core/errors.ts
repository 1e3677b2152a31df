/**
 * Every error that a user can mend, listed once: its permanent code, the HTTP status the service answers with, and
 * one sentence for the page of codes (`docs/errors.md` is generated from this list).
 */
export const ERROR_CODES = {
  MODEL_UNKNOWN: { status: 404, about: 'There is no folder of that name under models/, or it is not served.' },
  MANIFEST_MISSING: { status: 500, about: 'A model folder has no model.ts.' },
  MANIFEST_INVALID: {
    status: 500,
    about: 'model.ts does not load or does not say what it must; every problem is listed.',
  },
  OPTION_INVALID: { status: 400, about: 'An option on the command line or in the environment cannot be used.' },
  SOURCE_UNREACHABLE: { status: 500, about: 'The source database or folder does not answer.' },
  SOURCE_TABLE_MISSING: { status: 500, about: 'A table named in the manifest is not in the source.' },
  SOURCE_TABLE_EMPTY: { status: 500, about: 'A table named in the manifest has no row.' },
  SOURCE_QUERY_FAILED: { status: 500, about: 'The source refused the query made for a table.' },
  MART_SQL_FAILED: { status: 500, about: 'mart.sql or label.sql did not run.' },
  MART_COLUMNS_WRONG: { status: 500, about: 'The SQL does not return the columns that the manifest promises.' },
  MART_DUPLICATE_ENTITY: { status: 500, about: 'mart.sql or label.sql returns an entity more than once for a day.' },
  FEATURE_NOT_FINITE: { status: 500, about: 'A feature is NaN or infinite; a missing value must be NULL.' },
  FEATURE_OUT_OF_RANGE: { status: 400, about: 'A number lies outside of the range that the manifest gives it.' },
  LABEL_INVALID: { status: 500, about: 'A label is something else than 0, 1 or NULL.' },
  LABEL_ONE_CLASS: { status: 500, about: 'All labels in the training window are alike; nothing can be learned.' },
  TRAINING_DATA_MISSING: { status: 500, about: 'No day with mature labels lies in the training window yet.' },
  TRAINER_SETUP_FAILED: { status: 500, about: "The default trainer's Python environment could not be made." },
  TRAINER_CRASHED: { status: 500, about: 'The training command ended with an error.' },
  TRAINER_TIMEOUT: { status: 500, about: 'The training command did not end within its time limit.' },
  TRAINER_OUTPUT_MISSING: {
    status: 500,
    about: 'The training command ended well but left no model.onnx or metrics.json.',
  },
  TRAINER_OUTPUT_INVALID: { status: 500, about: 'metrics.json is not what the trainer contract asks for.' },
  MODEL_FILE_INVALID: { status: 500, about: 'A model file does not load, or does not take and give what it must.' },
  MODEL_PARITY_FAILED: { status: 500, about: "The ONNX model does not give the trainer's own scores." },
  REGISTRY_VERSION_UNKNOWN: { status: 404, about: 'The registry has no such version of the model.' },
  REGISTRY_CORRUPT: { status: 500, about: 'A file of the registry is not what its hash says.' },
  CHAMPION_MISSING: { status: 503, about: 'No version of the model has been promoted yet.' },
  GATE_NOT_PASSED: { status: 500, about: 'A version was to be promoted that the gate has not passed.' },
  DATABASE_UNREACHABLE: { status: 500, about: 'The database for predictions does not answer.' },
  DATABASE_QUERY_FAILED: { status: 500, about: 'The database for predictions refused a statement.' },
  DISK_FULL: { status: 500, about: 'There is no room left on the disk.' },
  DISK_FAILED: { status: 500, about: 'The disk fails while a file of the state is read or written.' },
  STATE_UNWRITABLE: { status: 500, about: 'The folder for state (CLEAVER_HOME) cannot be written.' },
  BUSY: { status: 503, about: 'Another command is at work on the same model.' },
  PORT_IN_USE: { status: 500, about: 'Another program listens on the port.' },
  REQUEST_INVALID: { status: 400, about: 'A request is not JSON, or has a wrong shape or type.' },
  FEATURE_MISSING: { status: 400, about: 'A request lacks a feature.' },
  FEATURE_UNKNOWN: { status: 400, about: 'A request has a feature that the model does not know.' },
  EXPERIMENT_MISSING: {
    status: 409,
    about: 'A decision is asked for where the manifest with its experiment is not there.',
  },
  RECORD_OFF: { status: 409, about: 'An outcome is told to a service that keeps no prediction record.' },
  OVERLOADED: { status: 503, about: 'The service has more to do than it can answer in time; try again shortly.' },
  DEADLINE_EXCEEDED: { status: 503, about: 'A request waited longer than the service lets it.' },
  CLIENT_GONE: { status: 400, about: 'A client hung up in the middle of its request.' },
  BODY_TOO_LARGE: { status: 413, about: "A request's body is over the limit." },
  REPORT_MISSING: { status: 404, about: 'No report has been made for the model yet.' },
  REPORT_INVALID: { status: 500, about: 'A report file is not what the step report writes.' },
  GITHUB_UNREACHABLE: { status: 502, about: "GitHub's API does not answer, or answers with a fault of its own." },
  GITHUB_FORBIDDEN: { status: 403, about: 'The token of a workflow lacks a permission.' },
  GITHUB_RATE_LIMITED: { status: 429, about: "The token's requests to GitHub's API are used up for now." },
  GITHUB_REFUSED: { status: 502, about: "GitHub's API refuses a request for another reason." },
  COMMIT_CONFIG_MISSING: { status: 500, about: 'There is no commitlint configuration, or it has no rule.' },
  COMMIT_HISTORY_MISSING: {
    status: 500,
    about: 'The commits to look at are not in the checkout and cannot be fetched.',
  },
  COMMIT_MESSAGE_INVALID: { status: 400, about: 'A commit message is not what the commitlint configuration asks for.' },
  VITEST_MISSING: { status: 500, about: 'There is no vitest in the project whose error paths are to be tested.' },
  PLUGIN_MISSING: { status: 500, about: "The plugin exceptionTest is not in vitest's configuration." },
  SOURCES_MISSING: { status: 500, about: 'There is no source file to look for error paths in.' },
  TESTS_MISSING: { status: 500, about: 'vitest finds no test.' },
  TESTS_RED: { status: 500, about: 'Tests fail as they are, so that they cannot judge error paths.' },
  TESTS_FLAKY: { status: 500, about: 'Tests that passed fail when they run again.' },
  BASELINE_INVALID: { status: 500, about: 'The baseline of known failures cannot be read, or would grow.' },
  EXCEPTIONS_UNTESTED: { status: 500, about: 'Error paths are not reached by a test, or not noticed when taken away.' },
  SLACK_UNREACHABLE: { status: 502, about: 'Slack does not answer, or not now, and the message was not sent.' },
  SLACK_REFUSED: { status: 502, about: 'Slack refuses the message, the webhook or the token.' },
  IMAGE_TOOL_MISSING: { status: 500, about: 'A program that builds or signs images is not on this machine.' },
  IMAGE_BASE_MISSING: { status: 500, about: 'The image that ours is built on cannot be pulled.' },
  IMAGE_BUILD_FAILED: { status: 500, about: 'The build of the image ended with an error.' },
  IMAGE_SBOM_FAILED: { status: 500, about: 'The list of the packages in the image could not be made.' },
  IMAGE_SIGNING_FAILED: { status: 500, about: 'The image is in the registry, but could not be signed.' },
  IMAGE_REGISTRY_UNREACHABLE: { status: 502, about: 'The image registry does not answer, or is not well.' },
  IMAGE_REGISTRY_DENIED: { status: 502, about: 'The image registry does not let us push.' },
  IMAGE_REGISTRY_FULL: { status: 502, about: 'The image registry has no room left.' },
  IMAGE_REGISTRY_REFUSED: { status: 502, about: 'The image registry refuses the image for another reason.' },
  TOOL_MISSING: { status: 500, about: 'A program that a step calls is not on the PATH.' },
  CLUSTER_UNREACHABLE: { status: 502, about: 'The API server of the cluster does not answer.' },
  CLUSTER_FORBIDDEN: { status: 403, about: 'The cluster does not let the user of the kubeconfig do what a step does.' },
  CLUSTER_REFUSED: { status: 502, about: 'The API server refuses an object or a request for another reason.' },
  CHART_REFUSED: { status: 400, about: 'Helm refuses the chart or its values.' },
  IMAGE_UNTRUSTED: { status: 403, about: 'An image is not signed with the key that it is to be signed with.' },
  RELEASE_BUSY: { status: 409, about: 'Another run is at work on the same release.' },
  RELEASE_ROLLED_BACK: { status: 500, about: 'A release did not come up, or was worse than its budgets.' },
  ROLLBACK_FAILED: { status: 500, about: 'A release was bad, and going back to the former one failed.' },
  LOGS_UNREACHABLE: { status: 502, about: 'The store of the logs, or its dashboards, does not answer.' },
  LOGS_REFUSED: { status: 502, about: 'The store of the logs, or its dashboards, refuses what is to be installed.' },
  RECORD_UNAVAILABLE: { status: 503, about: 'The prediction record cannot be written.' },
  API_KEY_MISSING: { status: 401, about: 'A request brings no API key, and its address asks for one.' },
  API_KEY_UNKNOWN: { status: 401, about: 'The service does not know the API key of a request.' },
  API_KEY_FORBIDDEN: { status: 403, about: 'The API key of a request is not for its address.' },
  ROUTE_UNKNOWN: { status: 404, about: 'The service has no such address.' },
} as const satisfies Record<string, { status: number; about: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * An error that its reader can mend. `message` says what failed and why, with the values; `hint` says what to do next.
 * Anything thrown that is not a CleaverError is a bug of ours.
 */
export class CleaverError extends Error {
  override readonly name = 'CleaverError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = options.hint;
  }
}

/** The text of anything thrown, an Error or not. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
