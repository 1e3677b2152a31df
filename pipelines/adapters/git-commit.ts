import { execFile } from 'node:child_process';

/** The commit of the repository that a folder lies in; undefined where there is none, or no git. */
export async function gitCommitOf(folder: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    execFile('git', ['rev-parse', 'HEAD'], { cwd: folder }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim());
    });
  });
}
