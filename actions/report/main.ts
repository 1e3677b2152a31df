import { context as github } from '@actions/github';
import { z } from 'zod';
import { latestRun, listRuns } from '../../pipelines/adapters/run-store.ts';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { newestDay, type StepContext } from '../../pipelines/steps/context.ts';
import type { EvaluateResult } from '../../pipelines/steps/evaluate.ts';
import { report as makeReport } from '../../pipelines/steps/report.ts';
import { describeThrown } from '../describe-thrown.ts';
import { openRepository, type Placed } from '../github.ts';
import { input } from '../inputs.ts';
import type { Job } from '../job.ts';
import { onModel } from '../on-model.ts';
import { defineAction, runAction } from '../run-action.ts';
import { championDrift, reportPage } from './page.ts';

/** GitHub takes no more in a comment or an issue. */
const MAX_BODY_LENGTH = 65_536;

export const action = defineAction({
  inputs: z.object({
    model: input.model,
    judgement: input.judgement.optional(),
    token: input.token,
    'wait-seconds': input.waitSeconds,
  }),
  secrets: ['token'],
  outputs: ['outcome', 'url', 'drift'],
  async run(inputs, job) {
    const { report, judgement } = await onModel('report', inputs, job, async (context) => ({
      judgement: await findJudgement(context, inputs.judgement),
      report: await makeReport(context, await newestDay(context)),
    }));
    const marker = `<!-- cleaver-report: ${report.model} -->`;
    const isTrial = github.payload.pull_request !== undefined;
    const page = { report, judgement, isTrial, run: runAddress(), commit: commit() };
    job.summarize(reportPage(page));
    const body = reportPage({ ...page, maxLength: MAX_BODY_LENGTH - marker.length - 1 });
    const placed = await post(inputs.token ?? '', { title: `Report: ${report.model}`, marker, body }, job);
    return { outcome: placed?.outcome ?? 'not-posted', url: placed?.url, drift: championDrift(report) !== undefined };
  },
});

async function findJudgement(
  { home, model }: StepContext,
  id: string | undefined,
): Promise<EvaluateResult | undefined> {
  if (id === undefined) return (await latestRun<EvaluateResult>(home, model.name, 'evaluate'))?.result;
  const found = (await listRuns<EvaluateResult>(home, model.name, 'evaluate')).find((run) => run.id === id);
  if (found !== undefined) return found.result;
  throw new CleaverError('OPTION_INVALID', `There is no judgement ${id} of ${model.name}.`, {
    hint: 'Give the output `judgement` of the step evaluate on the same runner, or leave the input out.',
  });
}

/** On the pull request where there is one, else in an issue. That GitHub does not take it is a warning: it is in the summary. */
async function post(
  token: string,
  { title, marker, body }: { title: string; marker: string; body: string },
  job: Job,
): Promise<Placed | undefined> {
  try {
    const repository = openRepository(token);
    const pull = github.payload.pull_request?.number;
    const placed = await (pull === undefined
      ? repository.placeIssue({ title, label: 'cleaver-report', marker, body })
      : repository.placeComment(pull, marker, body));
    job.line(`The report is ${placed.outcome}: ${placed.url}`);
    return placed;
  } catch (error) {
    if (!(error instanceof CleaverError)) throw error;
    const { title: code, message } = describeThrown(error);
    job.annotate('warning', `The report is in the summary only. ${message}`, { title: code });
    return undefined;
  }
}

function runAddress(): string {
  return `${github.serverUrl}/${process.env['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${github.runId}`;
}

/** On a pull request GITHUB_SHA is a merge that GitHub made up. */
function commit(): string {
  const head = github.payload.pull_request?.['head'] as { sha?: string } | undefined;
  return head?.sha ?? github.sha;
}

if (import.meta.main) await runAction(action);
