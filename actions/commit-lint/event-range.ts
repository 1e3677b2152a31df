import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';

/** What was pushed to a branch. */
export interface PushRange {
  head: string;
  /** What was there before; undefined for a new branch. It may be gone when history was rewritten. */
  before: string | undefined;
  defaultBranch: string;
  isDefault: boolean;
  /** The commits that the event itself names, the oldest first. */
  listed: string[];
}

/** Which commits an event brings: what was pushed, or what `head` has and `base` has not. */
export type EventRange = { push: PushRange } | { head: string; base: string; pullRequest?: number };

const NO_COMMIT = /^0+$/;
const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
// What git forbids in a branch's name, and what would be a pattern.
const branch = z.string().regex(/^[^-\s~^:?*[\\][^\s~^:?*[\\]*$/);

const push = z.object({
  ref: z.string(),
  before: sha,
  after: sha,
  commits: z.array(z.object({ id: sha })).default([]),
  repository: z.object({ default_branch: branch }),
});
const pullRequest = z.object({
  pull_request: z.object({ number: z.int(), base: z.object({ sha }), head: z.object({ sha }) }),
});
const mergeGroup = z.object({ merge_group: z.object({ base_sha: sha, head_sha: sha }) });

/** The commits of an event; a sentence where it brings none. Error: OPTION_INVALID for another shape than GitHub's. */
export function eventRange(name: string, payload: unknown): EventRange | string {
  switch (name) {
    case 'push': {
      const { ref, before, after, commits, repository } = parse(push, name, payload);
      if (NO_COMMIT.test(after)) return `${ref} was deleted: there is nothing to look at.`;
      const defaultBranch = repository.default_branch;
      return {
        push: {
          head: after,
          before: NO_COMMIT.test(before) ? undefined : before,
          defaultBranch,
          isDefault: ref === `refs/heads/${defaultBranch}`,
          listed: commits.map(({ id }) => id),
        },
      };
    }
    // The checkout of a pull request is a merge that GitHub made, so HEAD is of no use here.
    case 'pull_request':
    case 'pull_request_target': {
      const { number, base, head } = parse(pullRequest, name, payload).pull_request;
      return { head: head.sha, base: base.sha, pullRequest: number };
    }
    case 'merge_group': {
      const group = parse(mergeGroup, name, payload).merge_group;
      return { head: group.head_sha, base: group.base_sha };
    }
    default:
      return `The event ${name} brings no commits: there is nothing to look at.`;
  }
}

/** The event that started the workflow, as the runner hands it over. Error: OPTION_INVALID. */
export async function readEvent(): Promise<{ name: string; payload: unknown }> {
  const name = process.env['GITHUB_EVENT_NAME'] ?? '';
  const file = process.env['GITHUB_EVENT_PATH'] ?? '';
  try {
    return { name, payload: JSON.parse(await readFile(file, 'utf8')) };
  } catch (error) {
    throw eventInvalid(`The event's file (GITHUB_EVENT_PATH: "${file}") cannot be read: ${messageOf(error)}`, error);
  }
}

function parse<T>(schema: z.ZodType<T>, name: string, payload: unknown): T {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw eventInvalid(`The event ${name} is not as GitHub sends it: ${problems.join('; ')}`);
}

function eventInvalid(what: string, cause?: unknown): CleaverError {
  return new CleaverError('OPTION_INVALID', `${what}.`, {
    hint: 'A runner gives the event of its workflow. By hand or with `act -e`, give a whole one.',
    cause,
  });
}
