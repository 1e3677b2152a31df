import { execFileSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const PAGE = 4096;

/** A real disk that can be filled. */
export interface SmallDisk {
  folder: string;
  /** Fills it up to so many free bytes, in whole pages. */
  fillUpTo(freeBytes: number): Promise<void>;
  empty(): Promise<void>;
}

/** Whether this user may mount one: as root, or by sudo without a password. In CI the answer is yes, or the test fails. */
export function canMountDisks(): boolean {
  return process.env['CI'] !== undefined || mountPrefix() !== undefined;
}

/** A disk in memory for one test. */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = path.join(await temporaryFolder(), 'disk');
  await mkdir(folder);
  const run = (...command: string[]) => {
    const [program = '', ...args] = [...(mountPrefix() ?? []), ...command];
    execFileSync(program, args);
  };
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=1777`, 'tmpfs', folder);
  onTestFinished(() => {
    run('umount', '--lazy', folder);
  });
  const ballast = path.join(folder, 'ballast');
  return {
    folder,
    async fillUpTo(freeBytes) {
      const { bavail, bsize } = await statfs(folder);
      await writeFile(ballast, Buffer.alloc(Math.floor((bavail * bsize - freeBytes) / PAGE) * PAGE));
    },
    empty: () => rm(ballast, { force: true }),
  };
}

/** What to put before a command that only root may run. */
function mountPrefix(): readonly string[] | undefined {
  return [[], ['sudo', '-n']].find((prefix) => {
    const [program, ...args] = [...prefix, 'unshare', '--mount', 'true'];
    try {
      execFileSync(program, args, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
