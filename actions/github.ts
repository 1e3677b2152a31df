import { setTimeout as sleep } from 'node:timers/promises';
import {
  GITHUB_LIMITS,
  ONCE,
  openGithub,
  type GithubAccess,
  type GithubLimits,
} from '../pipelines/adapters/github/client.ts';
import { isUnclear } from '../pipelines/adapters/github/errors.ts';
import { CleaverError } from '../pipelines/core/errors.ts';

/** What became of a comment or an issue. */
export interface Placed {
  url: string;
  outcome: 'created' | 'updated';
}

/** What is written about in the repository of a workflow. Errors of all: GITHUB_UNREACHABLE, _FORBIDDEN, _RATE_LIMITED, _REFUSED. */
export interface Repository {
  /** The title of a pull request as it is now. */
  pullRequestTitle(number: number): Promise<string>;
  /** Creates the comment that carries `marker` on an issue or pull request, or updates it. */
  placeComment(issue: number, marker: string, body: string): Promise<Placed>;
  /** The same for an open issue with this label and marker. */
  placeIssue(options: { title: string; label: string; marker: string; body: string }): Promise<Placed>;
}

/** `GITHUB_REPOSITORY` at `GITHUB_API_URL`. Error: OPTION_INVALID without a repository or token. */
export function openRepository(token: string, given: Partial<GithubLimits> = {}): Repository {
  const limits = { ...GITHUB_LIMITS, ...given };
  const { at, rest, paginate, asking } = openGithub(jobAccess(token), limits);
  return {
    async pullRequestTitle(number) {
      return await asking(`read pull request #${number}`, 'pull-requests: read', async () => {
        const { data } = await rest.pulls.get({ ...at, pull_number: number });
        return data.title;
      });
    },
    async placeComment(issue, marker, text) {
      const body = `${marker}\n${text}`;
      const there = { ...at, issue_number: issue };
      const place = placeOnce(limits, {
        async find() {
          const comments = await paginate(rest.issues.listComments, { ...there, per_page: 100 });
          return comments.find((comment) => isOurs(comment, marker));
        },
        update: ({ id }) => rest.issues.updateComment({ ...at, comment_id: id, body }),
        create: () => rest.issues.createComment({ ...there, body, ...ONCE }),
      });
      return await asking(`comment on #${issue}`, 'pull-requests: write', place);
    },
    async placeIssue({ title, label, marker, body: text }) {
      const body = `${marker}\n${text}`;
      const place = placeOnce(limits, {
        async find() {
          const open = { labels: label, state: 'open', per_page: 100 } as const;
          const issues = await paginate(rest.issues.listForRepo, { ...at, ...open });
          return issues.find((issue) => issue.pull_request === undefined && isOurs(issue, marker));
        },
        update: ({ number }) => rest.issues.update({ ...at, issue_number: number, title, body }),
        create: () => rest.issues.create({ ...at, title, body, labels: [label], ...ONCE }),
      });
      return await asking(`write the issue "${title}"`, 'issues: write', place);
    },
  };
}

/** How a job asks its own repository. Error: OPTION_INVALID. */
export function jobAccess(token: string): GithubAccess {
  const text = process.env['GITHUB_REPOSITORY'] ?? '';
  const [, owner, repo] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (owner !== undefined && repo !== undefined) return { owner, repo, token, advice: JOB_TOKEN };
  throw new CleaverError('OPTION_INVALID', `GITHUB_REPOSITORY is "${text}", not owner/name.`, {
    hint: 'A runner sets it; by hand set it as owner/name.',
  });
}

const JOB_TOKEN: GithubAccess['advice'] = {
  missing: 'Give the step `token: ${{ github.token }}`.',
  refused: 'Give the step `token: ${{ github.token }}`. A token of your own may have expired.',
  lacking: (permissions) => `Add ${permissions} under \`permissions:\` of the job in the workflow.`,
};

interface Place<T> {
  find: () => Promise<T | undefined>;
  update: (found: T) => Promise<{ data: { html_url: string } }>;
  create: () => Promise<{ data: { html_url: string } }>;
}

/** Looks, then updates or creates; when the answer to a creation got lost it looks again, so that there is one. */
function placeOnce<T>({ retries, secondMs }: GithubLimits, { find, update, create }: Place<T>): () => Promise<Placed> {
  return async () => {
    for (let tries = 0; ; tries += 1) {
      const found = await find();
      // What is there after a try has been created by it.
      const outcome = found === undefined || tries > 0 ? 'created' : 'updated';
      try {
        const { data } = await (found === undefined ? create() : update(found));
        return { url: data.html_url, outcome };
      } catch (error) {
        if (found !== undefined || !isUnclear(error) || tries >= retries) throw error;
      }
      await sleep((tries + 1) ** 2 * secondMs);
    }
  };
}

/** Anybody may write a comment that begins with our marker; only bots and the repository's own people are believed. */
function isOurs(written: Written, marker: string): boolean {
  const { body, user, author_association: association = '' } = written;
  const isBelieved = user?.type === 'Bot' || ['OWNER', 'MEMBER', 'COLLABORATOR'].includes(association);
  return isBelieved && (body ?? '').startsWith(marker);
}

interface Written {
  body?: string | null | undefined;
  user: { type: string } | null;
  author_association?: string;
}
