import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { gitRepository, type GitRepository } from '../../../tests/support/git-repository.ts';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { cleanCommit, linesSince } from './local-git.ts';

const TEXT = Array.from({ length: 20 }, (_, at) => `line ${at + 1}\n`).join('');

interface Checkout extends GitRepository {
  write: (file: string, text: string) => Promise<void>;
  first: string;
}

async function checkout(): Promise<Checkout> {
  const repository = await gitRepository(await temporaryFolder());
  const write = async (file: string, text: string) => {
    await writeFile(path.join(repository.folder, file), text);
  };
  for (const file of ['a.ts', 'my file.ts', 'über.ts', 'gone.ts', 'old.ts']) await write(file, TEXT);
  await repository.git('add', '.');
  const first = await repository.commit('feat: first');
  return { ...repository, write, first };
}

const lines = (folder: string, base: string) =>
  Object.fromEntries([...(linesSince(folder, base)?.changed ?? [])].map(([file, of]) => [file, [...of]]));

test('lines have changed since the work left the base, committed or not', async () => {
  const { folder, git, write, commit, first } = await checkout();
  await git('switch', '--quiet', '--create', 'work');
  await write('a.ts', TEXT.replace('line 3\n', 'three\nand more\n'));
  await git('add', '.');
  await commit('feat: second');
  await git('switch', '--quiet', 'main');
  await write('a.ts', `${TEXT}meanwhile\n`);
  await git('add', '.');
  await commit('feat: on main');
  await git('switch', '--quiet', 'work');
  await write('my file.ts', `${TEXT}no end`);
  await write('über.ts', TEXT.replace('line 1\n', '++ b/a.ts\n'));
  await rm(path.join(folder, 'gone.ts'));
  await rename(path.join(folder, 'old.ts'), path.join(folder, 'new.ts'));
  await git('add', '--all', 'old.ts', 'new.ts');
  await write('untracked.ts', 'one\ntwo');
  await write('untracked.csv', '1\n');
  expect(linesSince(folder, 'main')?.commit).toBe(first);
  expect(lines(folder, 'main')).toEqual({
    'a.ts': [3, 4],
    'my file.ts': [21],
    'über.ts': [1],
    'untracked.ts': [1, 2],
  });
});

test('the configuration of git changes nothing, and paths are from the folder', async () => {
  const { git, write, folder, first } = await checkout();
  for (const [name, value] of [
    ['diff.noprefix', 'true'],
    ['diff.mnemonicPrefix', 'true'],
    ['color.ui', 'always'],
    ['diff.interHunkContext', '30'],
    ['core.quotePath', 'true'],
  ] as const) {
    await git('config', name, value);
  }
  await write('a.ts', TEXT.replace('line 2\n', '2\n').replace('line 9\n', '9\n'));
  expect(lines(folder, first)).toEqual({ 'a.ts': [2, 9] });
});

test('a base that is not there, and a folder without a repository, are not known', async () => {
  const { folder } = await checkout();
  expect(linesSince(folder, 'nowhere')).toBeUndefined();
  expect(linesSince(folder, '--output=x')).toBeUndefined();
  const none = await temporaryFolder();
  expect(linesSince(none, 'main')).toBeUndefined();
  expect(cleanCommit(none)).toBeUndefined();
});

test('files are of a commit only while nothing is changed', async () => {
  const { folder, write, first } = await checkout();
  expect(cleanCommit(folder)).toBe(first);
  await write('a.ts', 'other');
  expect(cleanCommit(folder)).toBeUndefined();
});
