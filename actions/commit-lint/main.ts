import { z } from 'zod';
import { input } from '../inputs.ts';
import { defineAction, runAction } from '../run-action.ts';
import { eventRange, readEvent } from './event-range.ts';
import { authorization, openGit } from './local-git.ts';
import { readCommits } from './read-commits.ts';
import { messagesInvalid, problemsOutput, tellClean, tellFindings, type Finding } from './tell-findings.ts';

export const action = defineAction({
  inputs: z.object({ token: input.token }),
  secrets: ['token'],
  outputs: ['outcome', 'commits', 'problems'],
  async run({ token = '' }, job) {
    const { name, payload } = await readEvent();
    const range = eventRange(name, payload);
    if (typeof range === 'string') {
      job.line(range);
      job.summarize(`### Commit messages\n\n${range}\n`);
      return { outcome: 'nothing-to-do', commits: 0, problems: [] };
    }
    if (token !== '') job.hide(authorization(token));
    const root = process.env['GITHUB_WORKSPACE'] ?? process.cwd();
    // Not needed by those that have nothing to do, and half of the time that the others take.
    const { openLinter } = await import('./lint-messages.ts');
    const linter = await openLinter(root);
    const { commits, base, notice } = await readCommits(openGit(root, token), range);
    if (notice !== undefined) job.annotate('notice', notice);
    const messages: { sha: string | null; message: string }[] = [...commits];
    if ('pullRequest' in range) {
      // Its packages read the event as they are loaded, and throw where it is no JSON: after readEvent has said so.
      const { openRepository } = await import('../github.ts');
      messages.push({ sha: null, message: await openRepository(token).pullRequestTitle(range.pullRequest) });
    }
    const findings: Finding[] = [];
    for (const message of messages) {
      const verdict = await linter.lint(message.message);
      if (verdict.problems.length > 0) findings.push({ ...message, ...verdict });
    }
    if (findings.length === 0) {
      tellClean(commits.length, 'pullRequest' in range, linter.file, job);
      return { outcome: 'clean', commits: commits.length, problems: [] };
    }
    tellFindings(findings, job);
    job.setOutputs({ outcome: 'invalid', commits: commits.length, problems: problemsOutput(findings) });
    throw messagesInvalid(findings, { commits: commits.length, file: linter.file, base });
  },
});

if (import.meta.main) await runAction(action);
