import { CleaverError } from '../../pipelines/core/errors.ts';
import type { EventRange, PushRange } from './event-range.ts';
import type { LocalGit } from './local-git.ts';

export interface Commit {
  sha: string;
  message: string;
}

/** The oldest first. */
export interface History {
  commits: Commit[];
  /** What a person would rebase on. */
  base: string;
  /** Where the event alone did not tell the commits: how they were found. */
  notice?: string;
}

/**
 * The commits of an event, out of the checkout; what is not in it is fetched. Error: COMMIT_HISTORY_MISSING when that is
 * not to be had.
 */
export async function readCommits(git: LocalGit, range: EventRange): Promise<History> {
  await completeHistory(git);
  if ('push' in range) return await readPush(git, range.push);
  await bring(git, range.head);
  await bring(git, range.base);
  return { commits: await log(git, [range.head, '--not', range.base]), base: range.base };
}

async function readPush(git: LocalGit, push: PushRange): Promise<History> {
  await bring(git, push.head);
  const { before } = push;
  const isThere = before !== undefined && (await fetchMissing(git, before)) === undefined;
  // A merge of the default branch brings commits that were looked at when they were pushed there.
  const known = push.isDefault ? undefined : await defaultBranch(git, push.defaultBranch, !isThere);
  if (isThere) {
    const commits = await log(git, [push.head, '--not', before, ...(known === undefined ? [] : [known])]);
    return { commits, base: before };
  }
  const why = before === undefined ? 'The branch is new' : `What was there before (${before.slice(0, 7)}) is gone`;
  if (known !== undefined) {
    const notice = `${why}: looked at the commits that ${push.defaultBranch} has not.`;
    return { commits: await log(git, [push.head, '--not', known]), base: known, notice };
  }
  const notice = `${why}: looked at the ${push.listed.length} commits that the event names.`;
  return { commits: await listed(git, push.listed), base: `${push.listed[0] ?? push.head}~1`, notice };
}

/** All of a shallow clone's history: where it is cut off, git answers as if there were nothing. */
async function completeHistory(git: LocalGit): Promise<void> {
  const answer = await git.ask(['rev-parse', '--is-shallow-repository']);
  if (answer === undefined) throw historyMissing('The folder is no checkout that git can read');
  if (answer.trim() !== 'true') return;
  const problem = await git.fetch(['--unshallow', 'origin']);
  if (problem !== undefined) throw historyMissing(`The checkout is shallow, and cannot be deepened: ${problem}`);
}

async function bring(git: LocalGit, sha: string): Promise<void> {
  const problem = await fetchMissing(git, sha);
  if (problem !== undefined) throw historyMissing(`${sha} is not in the checkout, and cannot be fetched: ${problem}`);
}

async function fetchMissing(git: LocalGit, sha: string): Promise<string | undefined> {
  if ((await git.ask(['cat-file', '-e', `${sha}^{commit}`])) !== undefined) return undefined;
  return await git.fetch(['origin', sha]);
}

/** The name that the default branch has in the checkout; fetched only if it must be known. */
async function defaultBranch(git: LocalGit, name: string, isNeeded: boolean): Promise<string | undefined> {
  const ref = `refs/remotes/origin/${name}`;
  for (const known of [ref, `refs/heads/${name}`]) {
    if ((await git.ask(['rev-parse', '--verify', '--quiet', `${known}^{commit}`])) !== undefined) return known;
  }
  if (!isNeeded) return undefined;
  const problem = await git.fetch(['origin', `+refs/heads/${name}:${ref}`]);
  if (problem !== undefined) throw historyMissing(`The branch ${name} cannot be fetched: ${problem}`);
  return ref;
}

async function log(git: LocalGit, revisions: readonly string[]): Promise<Commit[]> {
  return await readLog(git, ['--reverse', ...revisions, '--']);
}

async function listed(git: LocalGit, ids: readonly string[]): Promise<Commit[]> {
  if (ids.length === 0) return [];
  return await readLog(git, ['--no-walk=unsorted', '--ignore-missing', '--stdin'], `${ids.join('\n')}\n`);
}

async function readLog(git: LocalGit, args: readonly string[], input?: string): Promise<Commit[]> {
  const format = ['-z', '--format=%H%x00%B', '--encoding=UTF-8', '--no-color', '--no-show-signature'];
  const text = await git.ask(['log', ...format, ...args], input);
  if (text === undefined) throw historyMissing(`git cannot list ${args.join(' ')}`);
  const fields = text.split('\0');
  return fields.flatMap((sha, index) =>
    index % 2 === 0 && sha !== '' ? [{ sha, message: (fields[index + 1] ?? '').trimEnd() }] : [],
  );
}

function historyMissing(what: string): CleaverError {
  return new CleaverError('COMMIT_HISTORY_MISSING', `${what}.`, {
    hint: 'Give the checkout `fetch-depth: 0`, or this step `token: ${{ github.token }}` and the job `permissions: contents: read`.',
  });
}
