import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The folder of a Python peer's own files. */
export function peerFolder(name: string): string {
  return path.join(import.meta.dirname, 'peers', name);
}

/**
 * Installs exactly the packages of a peer's requirements.txt into an environment of its own under `CLEAVER_BENCH_CACHE`
 * (by default a folder for temporary files), once; returns the folder of its programs.
 */
export async function installPeer(name: string): Promise<string> {
  const requirements = path.join(peerFolder(name), 'requirements.txt');
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const cache = process.env['CLEAVER_BENCH_CACHE'] ?? path.join(tmpdir(), 'cleaver-bench');
  const folder = path.join(cache, `${name}-${hash.slice(0, 12)}`);
  const programs = path.join(folder, 'bin');
  const done = path.join(folder, 'installed');
  if (existsSync(done)) return programs;
  process.stderr.write(`Installing ${name} in ${folder} (once) …\n`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(cache, { recursive: true });
  await exec('python3', ['-m', 'venv', folder]);
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];
  await exec(path.join(programs, 'python'), [...install, '-r', requirements], { maxBuffer: 1e8 });
  await writeFile(done, '');
  return programs;
}

/** The version that a peer's requirements.txt pins a package to. */
export async function pinnedVersion(peer: string, packageName: string): Promise<string> {
  const requirements = await readFile(path.join(peerFolder(peer), 'requirements.txt'), 'utf8');
  const version = new RegExp(`^${packageName}==(\\S+)`, 'm').exec(requirements)?.[1];
  if (version === undefined) throw new Error(`The requirements of ${peer} do not pin ${packageName}.`);
  return version;
}
