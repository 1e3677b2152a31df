import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nobody's settings, and no repository that a hook may have named. */
export function gitEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const person = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) => [
      [`GIT_${role}_NAME`, 'Test'],
      [`GIT_${role}_EMAIL`, 'test@example.com'],
    ]),
  );
  const env = Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
  return { ...env, ...person, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
}

export interface GitRepository {
  folder: string;
  /** What git answers, without the last line's end; throws where git fails. */
  git: (...args: string[]) => Promise<string>;
  /** An empty commit with exactly this message; answers its id. */
  commit: (message: string) => Promise<string>;
  /** Many empty commits on main at once; answers the newest one's id. */
  commitMany: (messages: readonly string[]) => Promise<string>;
}

/** A repository in a folder, with the branch main: made there, or as `origin` gives it with `clone`'s options. */
export async function gitRepository(
  folder: string,
  origin?: { url: string; options: string[] },
): Promise<GitRepository> {
  await mkdir(folder, { recursive: true });
  const env = gitEnvironment();
  const git = async (...args: string[]) => {
    const { stdout } = await run('git', args, { cwd: folder, env, maxBuffer: 64 << 20 });
    return stdout.trimEnd();
  };
  if (origin === undefined) await git('init', '--quiet', '--initial-branch=main');
  else await git('clone', '--quiet', ...origin.options, origin.url, '.');
  return {
    folder,
    git,
    async commit(message) {
      const args = ['commit', '--quiet', '--allow-empty', '--allow-empty-message', '--cleanup=verbatim', '--file=-'];
      const committing = run('git', args, { cwd: folder, env });
      committing.child.stdin?.end(message);
      await committing;
      return await git('rev-parse', 'HEAD');
    },
    async commitMany(messages) {
      const importing = run('git', ['fast-import', '--quiet'], { cwd: folder, env });
      for (const [index, message] of messages.entries()) {
        importing.child.stdin?.write(
          `commit refs/heads/main\ncommitter Test <test@example.com> ${1_700_000_000 + index} +0000\n` +
            `data ${Buffer.byteLength(message)}\n${message}\n${index === 0 ? 'from refs/heads/main^0\n' : ''}`,
        );
      }
      importing.child.stdin?.end();
      await importing;
      return await git('rev-parse', 'main');
    },
  };
}
