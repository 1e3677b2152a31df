import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');
const IDENTITY = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com'];

/**
 * What makes the checks of a clone those of core alone, a matter of seconds, by the file in which it stands; the workflows
 * are the real ones.
 */
export const CORE_ONLY: Readonly<Record<string, (text: string) => string>> = {
  'vitest.config.ts': (text) => text.replaceAll(/'\{actions,[^']*\}\/\*\*'/g, "'pipelines/core/**'"),
  'eslint.config.js': (text) =>
    text.replace(
      '  { ignores: [',
      `  { ignores: ['{actions,bench,docs,helm,monitoring,sample,service,tests}/**'] },
  { ignores: ['pipelines/{adapters,cli,steps,trainers}/**'] },
  { ignores: [`,
    ),
};

/** A clone of this repository as it stands in the working tree, with a history of its own. */
export interface Project {
  folder: string;
  /** Writes files (undefined: removes) and commits; answers the commit. */
  commit(message: string, files: Record<string, string | undefined>): string;
  /** Writes an event's payload beside the clone; answers the file. */
  event(name: string, payload: object): string;
  /** A push of everything since a commit. */
  push(before: string): string;
}

/** Copies what git knows or would add, so that a change can be tried before it is committed. */
export function copyProject(root: string): Project {
  const folder = path.join(root, 'project');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...IDENTITY, ...args], { encoding: 'utf8' }).trim();
  const listed = execFileSync('git', ['-C', ROOT, 'ls-files', '-coz', '--exclude-standard'], { encoding: 'utf8' });
  for (const name of listed.split('\0').filter((name) => name !== '' && existsSync(path.join(ROOT, name)))) {
    // A link stays one, also to a folder.
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true, verbatimSymlinks: true });
  }
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', 'https://github.com/owner/shop.git');
  const project: Project = {
    folder,
    commit(message, files) {
      for (const [name, text] of Object.entries(files)) {
        if (text === undefined) rmSync(path.join(folder, name), { recursive: true });
        else writeFileSync(path.join(folder, name), text);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', message);
      return git('rev-parse', 'HEAD');
    },
    event(name, payload) {
      const file = path.join(root, `${name}.json`);
      writeFileSync(
        file,
        JSON.stringify({ repository: { full_name: 'owner/shop', default_branch: 'main' }, ...payload }),
      );
      return file;
    },
    push: (before) =>
      project.event('push', { ref: 'refs/heads/main', before, after: git('rev-parse', 'HEAD'), forced: false }),
  };
  project.commit('chore: begin with the template', {});
  return project;
}
