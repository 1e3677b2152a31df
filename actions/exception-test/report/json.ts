import type { Counts, ExceptionResult, Failure } from '../result.ts';

/** What `--json` prints. Its keys are a promise to whoever reads it: none is added or left out. */
export interface JsonReport extends Counts {
  failures: Failure[];
}

/** The counts and the failures of a result, and nothing else. */
export function jsonReport(result: ExceptionResult): JsonReport {
  const { paths, reached, survivors, notTried, waived, failures } = result;
  return {
    paths,
    reached,
    survivors,
    notTried,
    waived,
    failures: failures.map(({ file, line, kind, reason, message, hint }) => ({
      file,
      line,
      kind,
      reason,
      message,
      hint,
    })),
  };
}
