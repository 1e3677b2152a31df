import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { CleaverError, messageOf } from '../core/errors.ts';
import { cacheFolder } from './cache-folder.ts';
import { hashFile, readTextIfThere } from './files.ts';

const exec = promisify(execFile);

/** Where the default trainer's environment lives: one for each content of the lock file, shared by all state folders. */
export async function pythonEnvironmentFolder(lockFile: string): Promise<string> {
  return path.join(cacheFolder(), `python-${(await hashFile(lockFile)).slice(0, 12)}`);
}

/** The environment's Python when it is there and whole. */
export async function findPython(lockFile: string): Promise<string | undefined> {
  const folder = await pythonEnvironmentFolder(lockFile);
  return (await readTextIfThere(completeMark(folder))) === undefined ? undefined : pythonIn(folder);
}

/**
 * The Python of an environment with exactly the packages of a hash-locked requirements file; made when it is not there
 * (about a minute, once), by `uv` when it is installed, else by `python3 -m venv`. Error: TRAINER_SETUP_FAILED.
 */
export async function ensurePython(lockFile: string, onProgress: (text: string) => void): Promise<string> {
  const found = await findPython(lockFile);
  if (found !== undefined) return found;
  const folder = await pythonEnvironmentFolder(lockFile);
  onProgress(`Making the trainer's Python environment in ${folder} (once, about a minute) …`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(path.dirname(folder), { recursive: true });
    await ((await isThere('uv')) ? makeWithUv(folder, lockFile) : makeWithVenv(folder, lockFile));
    await writeFile(completeMark(folder), '');
  } catch (error) {
    throw setupFailed(folder, error);
  }
  onProgress('The Python environment is ready.');
  return pythonIn(folder);
}

async function makeWithUv(folder: string, lockFile: string): Promise<void> {
  await exec('uv', ['venv', '--quiet', '--python', '>=3.11', folder]);
  await exec('uv', ['pip', 'install', '--quiet', '--python', pythonIn(folder), '--require-hashes', '-r', lockFile]);
}

async function makeWithVenv(folder: string, lockFile: string): Promise<void> {
  await exec('python3', ['-m', 'venv', folder]);
  const install = [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--require-hashes',
  ];
  await exec(pythonIn(folder), ['-m', 'pip', ...install, '-r', lockFile]);
}

async function isThere(program: string): Promise<boolean> {
  return (await exec(program, ['--version']).catch(() => undefined)) !== undefined;
}

/** Written last: a folder without it was left by a kill in the middle. */
function completeMark(folder: string): string {
  return path.join(folder, 'complete');
}

function pythonIn(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

function setupFailed(folder: string, cause: unknown): CleaverError {
  const detail = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : messageOf(cause);
  return new CleaverError(
    'TRAINER_SETUP_FAILED',
    `The Python environment ${folder} could not be made: ${detail || messageOf(cause)}`,
    {
      hint: 'It needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv), a network, and 600 MB of room. `npx cleaver doctor` looks.',
      cause,
    },
  );
}
