import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { openLinter } from './lint-messages.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

describe("the repository's own configuration", () => {
  it.each([
    'feat(core): refuse a challenger that is the same file',
    'fix!: drop the old route',
    'build(deps-dev): bump vitest from 5.1.0 to 5.1.1',
    "Merge branch 'main' into work",
    'Revert "feat: a page"\n\nThis reverts commit 0123456789.',
    'fixup! feat: a page',
    `Bump it all\n\n${'-'.repeat(200)}\n\nSigned-off-by: dependabot[bot] <support@github.com>`,
  ])('lets through: %s', async (message) => {
    expect((await (await openLinter(ROOT)).lint(message)).problems).toEqual([]);
  });

  it('has the folders, the actions and the models for scopes', async () => {
    const { scopes } = (await openLinter(ROOT)).rules;
    expect(scopes).toEqual(expect.arrayContaining(['core', 'docs', 'shop', 'steps', 'train']));
    expect(scopes).not.toContain('node_modules');
  });

  it('says in words what is wrong, and gives an example that passes', async () => {
    const linter = await openLinter(ROOT);
    const { problems, example } = await linter.lint('Fixed the login.');
    expect(problems).toEqual([
      expect.stringContaining('the first line is not "type: subject"'),
      'subject may not end with full stop (subject-full-stop)',
    ]);
    expect(example).toBe('fix: login');
    expect((await linter.lint('fix: Login')).problems).toEqual([
      'the subject must not begin with a capital letter (subject-case)',
    ]);
  });

  it.each(['', ' \n\n '])('refuses the empty message %j', async (message) => {
    expect((await (await openLinter(ROOT)).lint(message)).problems).toEqual(['the message is empty (subject-empty)']);
  });
});

describe('a configuration', () => {
  const withFile = async (name: string, content: string) => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, name), content);
    return folder;
  };

  it('may lie in package.json', async () => {
    const folder = await withFile(
      'package.json',
      JSON.stringify({ commitlint: { rules: { 'type-empty': [2, 'never'] } } }),
    );
    expect((await (await openLinter(folder)).lint('no type')).problems).toHaveLength(1);
  });

  it('has no example where none would pass', async () => {
    const folder = await withFile(
      '.commitlintrc.json',
      JSON.stringify({ rules: { 'references-empty': [2, 'never'] } }),
    );
    const { problems, example } = await (await openLinter(folder)).lint('fix: a');
    expect(problems).toEqual(['references may not be empty (references-empty)']);
    expect(example).toBeUndefined();
  });

  it('of a folder above is not the repository’s own', async () => {
    const folder = await withFile('.commitlintrc.json', JSON.stringify({ rules: { 'type-empty': [2, 'never'] } }));
    const inner = path.join(folder, 'inner');
    await mkdir(inner);
    await expect(openLinter(inner)).rejects.toMatchObject({ code: 'COMMIT_CONFIG_MISSING' });
  });

  it.each([
    ['package.json', '{"name": "x"}', 'There is no commitlint configuration'],
    ['package.json', '{"devDependencies": {"commitlint": "1.0.0"}}', 'There is no commitlint configuration'],
    ['.commitlintrc.json', '{"rules": {}}', '.commitlintrc.json has no rule'],
    ['.commitlintrc.json', '', '.commitlintrc.json cannot be used'],
    ['.commitlintrc.json', '{"rules": ', '.commitlintrc.json cannot be used'],
    ['.commitlintrc.json', '{"rules": {"no-such-rule": [2, "always"]}}', 'no-such-rule'],
    ['.commitlintrc.json', '{"extends": ["./gone.js"]}', 'gone.js'],
    ['commitlint.config.mjs', 'throw new Error("broken here")', 'broken here'],
  ])('in %s that reads %s is an error', async (name, content, why) => {
    const refused = openLinter(await withFile(name, content));
    await expect(refused).rejects.toMatchObject({
      code: 'COMMIT_CONFIG_MISSING',
      message: expect.stringContaining(why) as string,
    });
  });
});
