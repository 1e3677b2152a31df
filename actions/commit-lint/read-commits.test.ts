import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { gitRepository } from '../../tests/support/git-repository.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { openGit } from './local-git.ts';
import { readCommits } from './read-commits.ts';

const hint = expect.stringContaining('fetch-depth: 0') as string;
const missing = (message: unknown) => ({ code: 'COMMIT_HISTORY_MISSING', message, hint });

it('a folder that is no checkout is an error', async () => {
  const reading = readCommits(openGit(await temporaryFolder()), { head: 'a'.repeat(40), base: 'b'.repeat(40) });
  await expect(reading).rejects.toMatchObject(missing('The folder is no checkout that git can read.'));
});

it('a new branch is an error where the default branch is not there and cannot be fetched', async () => {
  const { folder, git, commit } = await gitRepository(await temporaryFolder());
  const head = await commit('fix: on the branch');
  await git('branch', '--move', 'work');
  const push = { head, before: undefined, defaultBranch: 'main', isDefault: false, listed: [head] };
  const reading = readCommits(openGit(folder), { push });
  await expect(reading).rejects.toMatchObject(
    missing(expect.stringMatching(/^The branch main cannot be fetched: fatal: 'origin' does not appear to be/)),
  );
});

it('a history with a hole is an error, not a shorter history', async () => {
  const { folder, commit } = await gitRepository(await temporaryFolder());
  const base = await commit('chore: begin');
  const between = await commit('Bad one');
  const head = await commit('fix: good one');
  await rm(path.join(folder, '.git', 'objects', between.slice(0, 2), between.slice(2)));
  await expect(readCommits(openGit(folder), { head, base })).rejects.toMatchObject(
    missing(`git cannot list --reverse ${head} --not ${base} --.`),
  );
});
