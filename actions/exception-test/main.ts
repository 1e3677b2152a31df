import { z } from 'zod';
import { CleaverError } from '../../pipelines/core/errors.ts';
import type { Job } from '../job.ts';
import { defineAction, runAction } from '../run-action.ts';
import { baseOfEvent } from './base-of-event.ts';
import { ExceptionTestError } from './failure.ts';
import { sortFailures, tallyFailures } from './report/failures.ts';
import { jobSummary } from './report/summary.ts';
import type { ExceptionResult } from './result.ts';
import type { Settings } from './run/run-settings.ts';
import { testExceptions } from './test-exceptions.ts';
import { writeReports } from './write-reports.ts';

const seconds = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, 'must be a whole number of seconds from 1 to 99999')
  .transform(Number);

export const action = defineAction({
  inputs: z.object({
    level: z.enum(['1', '2', '3']).default('2'),
    projects: z.string().optional(),
    'budget-seconds': seconds.default(900),
    base: z.string().optional(),
    report: z.string().optional(),
  }),
  outputs: ['outcome', 'paths', 'reached', 'survivors', 'not-tried', 'waived'],
  async run(inputs, job) {
    const root = process.cwd();
    const result = await judged({
      level: Number(inputs.level) as 1 | 2 | 3,
      root,
      projects: (inputs.projects ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
      budgetSeconds: inputs['budget-seconds'],
      base: inputs.base ?? (await baseOfEvent(root)),
      only: [],
      filters: [],
      full: false,
      baseline: 'hold',
      today: new Date().toISOString().slice(0, 10),
      onProgress: job.line.bind(job),
    });
    tell(job, result);
    if (inputs.report !== undefined) writeReports(inputs.report, root, result);
    const { paths, reached, survivors, notTried, waived, failures } = result;
    const counts = { paths, reached, survivors, 'not-tried': notTried, waived };
    if (failures.length === 0) return { outcome: 'passed', ...counts };
    job.setOutputs({ outcome: 'failed', ...counts });
    throw new CleaverError('EXCEPTIONS_UNTESTED', `Error paths are not tested: ${tallyFailures(failures)}.`, {
      hint: 'Each is annotated at its line, and stands in the summary with its remedy. `npx cleaver exceptions` says the same here.',
    });
  },
});

/** The errors of the gate, which knows nothing of Cleaver, are ours from here on. */
async function judged(settings: Settings): Promise<ExceptionResult> {
  try {
    return await testExceptions(settings);
  } catch (error) {
    if (!(error instanceof ExceptionTestError)) throw error;
    throw new CleaverError(error.code, error.message, { hint: error.hint, cause: error });
  }
}

function tell(job: Job, result: ExceptionResult): void {
  for (const { file, line, reason, kind, message, hint } of sortFailures(result.failures)) {
    const where = file === '' ? {} : { file, startLine: line };
    job.annotate('error', `${message}\n${hint}`, { title: `${reason}: ${kind}`, ...where });
  }
  job.summarize(jobSummary(result, sourceUrl()));
}

/** Where GitHub shows the files of this commit. */
function sourceUrl(): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit } = process.env;
  return server === undefined || repository === undefined || commit === undefined
    ? undefined
    : `${server}/${repository}/blob/${commit}`;
}

if (import.meta.main) await runAction(action);
