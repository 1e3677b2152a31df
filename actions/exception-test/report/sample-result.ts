import type { ExceptionResult, Failure, TestedPath } from '../result.ts';
import { countAll } from './counts.ts';

/** A path that a test reaches and asserts, for tests; change what matters. */
export function samplePath(change: Partial<TestedPath> = {}): TestedPath {
  return {
    id: 'actions/etl/main.ts#0',
    file: 'actions/etl/main.ts',
    kind: 'throw',
    start: { line: 2, column: 3 },
    end: { line: 2, column: 30 },
    text: "throw new Error('no file');",
    inside: 'readAll',
    mutations: ['remove'],
    swallows: false,
    count: 1,
    tests: ['actions/etl/main.test.ts > a missing file is told'],
    survivors: [],
    notTried: [],
    ...change,
  };
}

/** A failure of that path. */
export function sampleFailure(change: Partial<Failure> = {}): Failure {
  return {
    file: 'actions/etl/main.ts',
    line: 2,
    kind: 'throw',
    reason: 'unreached',
    message: 'No test reaches this throw in readAll.',
    hint: 'Call readAll without a file.',
    ...change,
  };
}

/** A result of level 2 with counts that are those of its paths. */
export function sampleResult(
  tested: TestedPath[] = [samplePath()],
  change: Partial<ExceptionResult> = {},
): ExceptionResult {
  return { level: 2, ...countAll(tested), tested, failures: [], seconds: {}, ...change };
}
