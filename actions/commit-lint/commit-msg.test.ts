import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { gitEnvironment, gitRepository } from '../../tests/support/git-repository.ts';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';

const HOOK = path.join(import.meta.dirname, 'commit-msg.ts');
const RULES = { 'type-empty': [2, 'never'], 'subject-empty': [2, 'never'], 'subject-full-stop': [2, 'never', '.'] };

/** Runs the hook as git does after an editor, on a message file in a repository with those rules, or without any. */
async function judge(message: string, { isConfigured = true } = {}) {
  const { folder } = await gitRepository(await temporaryFolder());
  const file = path.join(folder, 'COMMIT_EDITMSG');
  await writeFile(file, message);
  if (isConfigured) {
    await writeFile(path.join(folder, '.commitlintrc.json'), JSON.stringify({ rules: RULES }));
  }
  const told = await new Promise<{ status: unknown; text: string }>((resolve) => {
    const options = { cwd: folder, env: { ...gitEnvironment(), GIT_EDITOR: 'true' } };
    execFile(process.execPath, [HOOK, 'COMMIT_EDITMSG'], options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, text: stdout + stderr });
    });
  });
  return { ...told, kept: await readFile(file, 'utf8') };
}

it('a good message passes in silence, and stays as it is', async () => {
  const message = 'fix: the login\n\n# What git had to say.\n';
  expect(await judge(message)).toEqual({ status: 0, text: '', kept: message });
});

it('a bad message is refused with status 1, and kept without the comments of git', async () => {
  const { status, text, kept } = await judge('fix: the login.\n\n# What git had to say.\n');
  expect(status).toBe(1);
  expect(text).toContain('The commit is refused for its message:\n\n    fix: the login.\n\n- subject may not end with');
  expect(text).toContain('    git commit -e -F COMMIT_EDITMSG\n');
  expect(kept).toBe('fix: the login.\n');
});

it('a hook that cannot judge stops the commit with status 1, and says why and what to do', async () => {
  const message = 'fix: the login\n';
  const { status, text, kept } = await judge(message, { isConfigured: false });
  expect([status, kept]).toEqual([1, message]);
  expect(text).toMatch(
    /^The hook commit-msg failed\. COMMIT_CONFIG_MISSING: There is no commitlint configuration in .*\nWhat to do: Bring back/,
  );
});
