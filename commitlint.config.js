import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const here = (...names) => path.join(import.meta.dirname, ...names);
const foldersIn = (folder) =>
  existsSync(here(folder))
    ? readdirSync(here(folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
        .map((entry) => entry.name)
    : [];

/** A scope is a folder of the repository, or a model. */
const scopes = [
  ...foldersIn('.').filter((name) => name !== 'node_modules' && name !== 'coverage'),
  ...foldersIn('models'),
];

/** The one configuration of commit messages: the hook, the action and the prompts of `npm run commit` read it. */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: { 'scope-enum': [2, 'always', scopes.sort()] },
};
