import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runAct } from './act.ts';
import { noAct } from './component.ts';
import { copyProject } from './project.ts';

/** The label that each job of ci.yml asks for, found on a machine that answers to none. */
async function labelsFor(repo: { full_name: string } | null): Promise<Record<string, string | undefined>> {
  const project = copyProject(await temporaryFolder());
  const pull = { number: 7, title: 'feat: x', head: { sha: '1'.repeat(40), repo }, base: { sha: '2'.repeat(40) } };
  const payload = project.event('pull', { action: 'opened', number: 7, pull_request: pull });
  const { jobs } = await runAct({
    folder: project.folder,
    ...{ event: 'pull_request', payload, workflow: 'ci.yml', labels: ['no-such-machine'] },
    env: { GITHUB_REPOSITORY: 'owner/shop' },
  });
  return Object.fromEntries(Object.entries(jobs).map(([name, { label }]) => [name, label]));
}

const every = (label: string) => ({ commits: label, check: label, test: label, exceptions: label, 'ci-ok': label });

describe.skipIf(noAct)(`a pull request${noAct ? ` (${noAct})` : ''}`, () => {
  test.each([
    ['of a fork', { full_name: 'stranger/shop' }],
    ['of a fork that is deleted', null],
  ])('%s asks for no self-hosted machine, in no job', async (_, repo) => {
    expect(await labelsFor(repo)).toEqual(every('ubuntu-24.04'));
  });

  test('of the repository itself asks for the owner’s machine', async () => {
    expect(await labelsFor({ full_name: 'owner/shop' })).toEqual(every('self-hosted'));
  });
});
