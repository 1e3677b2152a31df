import { execFile, spawn } from 'node:child_process';
import { access, appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { gitEnvironment, gitRepository, type GitRepository } from './support/git-repository.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const ROOT = path.join(import.meta.dirname, '..');
const run = promisify(execFile);

interface Told {
  status: number | null;
  text: string;
}

interface Clone extends GitRepository {
  /** Git as a contributor runs it, without a terminal. */
  tell: (args: string[], env?: Record<string, string>) => Promise<Told>;
  write: (file: string, text: string) => Promise<void>;
}

/** The repository as it lies here, with its hooks installed as `npm ci` does, and one commit. */
async function contributor(folder?: string): Promise<Clone> {
  const root = folder ?? (await temporaryFolder());
  const repository = await gitRepository(path.join(root, 'clone'));
  const listed = await run('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: ROOT, env: gitEnvironment() });
  // What is deleted but not committed is listed too.
  const there = await Promise.all(
    listed.stdout.split('\0').map(async (file) => {
      if (file === '' || file.includes('/pictures/')) return [];
      return await access(path.join(ROOT, file)).then(
        () => [file],
        () => [],
      );
    }),
  );
  await writeFile(path.join(root, 'files'), there.flat().join('\0'));
  await run('sh', ['-c', 'tar -cf - --null -T "$1/files" | tar -xf - -C "$1/clone"', 'sh', root], { cwd: ROOT });
  await symlink(path.join(ROOT, 'node_modules'), path.join(repository.folder, 'node_modules'));
  await writeFile(path.join(repository.folder, '.git', 'info', 'exclude'), 'node_modules\n');
  await run(process.execPath, ['node_modules/husky/bin.js'], { cwd: repository.folder, env: gitEnvironment() });
  await repository.git('add', '--all');
  await repository.git('-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '-m', 'chore: begin');
  return {
    ...repository,
    tell: (args, env = {}) => tell('git', args, repository.folder, env),
    write: (file, text) => writeFile(path.join(repository.folder, file), text),
  };
}

async function tell(program: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<Told> {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...gitEnvironment(), NO_COLOR: '1', ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, text };
}

it('a bad message is refused with what is wrong, an example and a way on; a good one is taken', async () => {
  const { tell, write, git } = await contributor();
  await write('NOTES.md', 'A note.\n');
  await git('add', '.');

  const refused = await tell(['commit', '-m', 'Fixed the login.', '-m', '# what it was about']);
  expect(refused.status).toBe(1);
  expect(refused.text).toContain('The commit is refused for its message:\n\n    Fixed the login.\n');
  expect(refused.text).toContain(
    '- the first line is not "type: subject" or "type(scope): subject", with a type of feat,',
  );
  expect(refused.text).toContain('- subject may not end with full stop (subject-full-stop)');
  // Without an editor git keeps such a line, so the example does too.
  expect(refused.text).toContain('\nfix: login\n\n# what it was about\n');
  expect(refused.text).toContain('    git commit -e -F .git/COMMIT_EDITMSG\n');
  expect(refused.text).toContain('npm run commit');
  expect(await git('log', '-1', '--format=%s')).toBe('chore: begin');

  // The way on that the text shows, with an editor that mends the first line.
  const mended = await tell(['commit', '-e', '-F', '.git/COMMIT_EDITMSG'], {
    GIT_EDITOR: 'sed -i "1s/.*/fix: login/"',
  });
  expect(mended).toMatchObject({ status: 0 });
  expect(await git('log', '-1', '--format=%s')).toBe('fix: login');
});

it("of a message that an editor left, git's comments and the shown difference do not count and are not kept", async () => {
  const { tell, write, git, folder } = await contributor();
  const long = `${'long '.repeat(40)}\n`;
  await write('NOTES.md', long);
  await git('add', '.');
  const refused = await tell(['commit', '--verbose'], { GIT_EDITOR: 'sed -i "1s/^/Note it/"' });
  expect(refused.status).toBe(1);
  expect(refused.text).not.toContain('body');
  expect(await readFile(path.join(folder, '.git', 'COMMIT_EDITMSG'), 'utf8')).toBe('Note it\n');
  const taken = await tell(['commit', '--verbose'], { GIT_EDITOR: 'sed -i "1s/^/docs: note it/"' });
  expect(taken.status).toBe(0);
  expect(await git('log', '-1', '--format=%B')).toBe('docs: note it');
});

it('in a linked worktree the way on names the file that is there', async () => {
  const { git, folder } = await contributor();
  const linked = path.join(path.dirname(folder), 'linked tree');
  await git('worktree', 'add', '--quiet', '-b', 'linked', linked);
  await symlink(path.join(ROOT, 'node_modules'), path.join(linked, 'node_modules'));
  await run(process.execPath, ['node_modules/husky/bin.js'], { cwd: linked, env: gitEnvironment() });
  const refused = await tell('git', ['commit', '--allow-empty', '-m', 'Bad'], linked, {});
  const [, command = ''] = /^ {4}(git commit -e -F .*)$/m.exec(refused.text) ?? [];
  const mended = await tell('sh', ['-c', `${command} --allow-empty`], linked, {
    GIT_EDITOR: 'sed -i "1s/.*/fix: it/"',
  });
  expect(mended).toMatchObject({ status: 0 });
});

it('only what is staged is formatted, linted and committed', async () => {
  const { tell, git, folder, write } = await contributor();
  const file = path.join(folder, 'bench', 'staged.ts');
  await write('bench/staged.ts', 'export const   staged = "a";\n');
  await write('bench/other.ts', 'export const   other = "a";\n');
  await git('add', 'bench/staged.ts');
  await appendFile(file, 'export const   later = "b";\n');
  expect(await tell(['commit', '-m', 'chore(bench): stage a part'])).toMatchObject({ status: 0 });
  expect(await git('show', 'HEAD:bench/staged.ts')).toBe("export const staged = 'a';");
  expect(await git('show', '--format=', '--name-only', 'HEAD')).toBe('bench/staged.ts');
  expect(await readFile(file, 'utf8')).toBe(`export const staged = 'a';\nexport const   later = "b";\n`);
  expect(await readFile(path.join(folder, 'bench', 'other.ts'), 'utf8')).toBe('export const   other = "a";\n');

  await write('bench/unused.ts', 'const unused = 1;\n');
  await git('add', 'bench/unused.ts');
  const refused = await tell(['commit', '-m', 'chore(bench): stage a fault']);
  expect(refused.status).toBe(1);
  expect(refused.text).toContain('no-unused-vars');
});

it('a push is refused for a type error, and for a failing test that what is pushed affects', async () => {
  const root = await temporaryFolder();
  const { tell, git, folder, write } = await contributor(root);
  await run('git', ['init', '--quiet', '--bare', path.join(root, 'remote.git')], { env: gitEnvironment() });
  await git('remote', 'add', 'origin', path.join(root, 'remote.git'));
  await git('-c', 'core.hooksPath=/dev/null', 'push', '--quiet', 'origin', 'main');
  const commit = async (text: string) => {
    await write('pipelines/core/pushed.ts', text);
    await git('add', '.');
    await git('-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '-m', 'chore: push it');
  };
  // The project's own types are looked at in `npm run check`, and take their time.
  const config = { extends: path.join(ROOT, 'tsconfig.json'), include: ['pipelines/core/pushed*.ts'] };
  await write('tsconfig.json', JSON.stringify(config));

  await commit('export const pushed: number = "text";\n');
  const untyped = await tell(['push', 'origin', 'main']);
  expect(untyped.status).toBe(1);
  expect(untyped.text).toContain("pushed.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.");
  expect(untyped.text).toContain('The push is refused: the types do not hold');

  await mkdir(path.join(folder, 'pipelines', 'core'), { recursive: true });
  await write(
    'pipelines/core/pushed.test.ts',
    "import { expect, it } from 'vitest';\nimport { pushed } from './pushed.ts';\n\nit('is 1', () => {\n  expect(pushed).toBe(1);\n});\n",
  );
  await commit('export const pushed: number = 2;\n');
  const failing = await tell(['push', 'origin', 'main']);
  expect(failing.status).toBe(1);
  expect(failing.text).toContain('The push is refused: a test fails');

  await commit('export const pushed: number = 1;\n');
  const pushed = await tell(['push', 'origin', 'main']);
  expect(pushed.text).toMatch(/Tests +1 passed/);
  expect(pushed.status).toBe(0);
  expect((await tell(['push', 'origin', 'main~1:refs/heads/old'])).text).toContain('only CI will look at it');
  expect(await tell(['push', 'origin', ':old'])).toMatchObject({ status: 0 });
});

it('without the packages each hook says how to install them', async () => {
  const { tell, folder } = await contributor();
  await rm(path.join(folder, 'node_modules'));
  const refused = await tell(['commit', '--allow-empty', '-m', 'fix: a']);
  expect(refused.status).toBe(1);
  expect(refused.text).toContain('Install them with: npm ci');
});
