import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const foldersIn = (folder) => {
  const here = path.join(import.meta.dirname, folder);
  const entries = existsSync(here) ? readdirSync(here, { withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
};
const isOurs = (name) => /^[a-z]/.test(name) && !['node_modules', 'coverage'].includes(name);

/** A scope is a folder of the repository, a part of one that has parts of its own, or a model. */
const folders = ['.', 'actions', 'helm', 'models', 'pipelines', 'service'].flatMap(foldersIn).filter(isOurs);
/** What Dependabot writes in commits and titles: `build(deps-dev): bump …`. */
const scopes = [...new Set([...folders, 'deps', 'deps-dev'])].sort();

/** Lists and quotes in a body of Dependabot's are longer than our lines. */
const isFromDependabot = (message) => /^Signed-off-by: dependabot\[bot\] <support@github\.com>$/m.test(message);

/**
 * The one configuration of commit messages: the hook, the action `commit-lint` and the prompts of `npm run commit` read it.
 * Merges, `Revert "…"`, `fixup!` and `squash!` are let through by commitlint itself; `defaultIgnores: false` would end that.
 */
export default {
  extends: ['@commitlint/config-conventional'],
  ignores: [isFromDependabot],
  rules: {
    'type-enum': [2, 'always', ['feat', 'fix', 'perf', 'refactor', 'test', 'docs', 'build', 'ci', 'chore']],
    'scope-enum': [2, 'always', scopes],
    // Git itself takes everything up to the first blank line for the subject.
    'body-leading-blank': [2, 'always'],
  },
};
