import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';

/** A checkout with one package of its own folder, so that `npm ci` needs no network. */
interface Checkout {
  root: string;
  cache: string;
  /** Runs the script as a job does; `programs` are put first on the PATH. */
  setUp: (env?: Record<string, string>) => { status: number | null; stdout: string; files: Record<string, string> };
  /** What `actions/checkout` does to a checkout on the runner. */
  clean: () => void;
  write: (file: string, text: string) => void;
}

async function checkout(): Promise<Checkout> {
  const root = await temporaryFolder();
  const at = (...names: string[]) => path.join(root, 'checkout', ...names);
  const made: Checkout = {
    root,
    cache: path.join(root, 'cache'),
    setUp(env = {}) {
      const files = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH'].map(
        (name) => [name, path.join(root, name)] as const,
      );
      for (const [, file] of files) writeFileSync(file, '');
      const { status, stdout } = spawnSync('bash', ['./actions/setup/setup.sh'], {
        cwd: at(),
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: root, CLEAVER_CACHE: made.cache, ...Object.fromEntries(files), ...env },
      });
      return {
        status,
        stdout,
        files: Object.fromEntries(files.map(([name, file]) => [name, readFileSync(file, 'utf8')])),
      };
    },
    clean() {
      spawnSync('rm', ['-rf', at('node_modules')]);
    },
    write(file, text) {
      mkdirSync(path.dirname(at(file)), { recursive: true });
      writeFileSync(at(file), text);
    },
  };
  cpSync(path.join(import.meta.dirname, 'setup.sh'), at('actions', 'setup', 'setup.sh'));
  made.write('.npmrc', 'audit=false\n');
  made.write('one/package.json', '{"name":"one","version":"1.0.0"}');
  made.write('package.json', '{"name":"shop","version":"1.0.0","dependencies":{"one":"file:one"}}');
  spawnSync('npm', ['install', '--package-lock-only', '--offline'], { cwd: at() });
  return made;
}

/** A folder with a program of that name; for the PATH. */
function program(root: string, name: string, script: string): string {
  const folder = path.join(root, `with-${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(folder, name), 0o755);
  return `${folder}:${process.env['PATH'] ?? ''}`;
}

test('the packages are installed once, and kept over clean checkouts', async () => {
  const { setUp, clean, root } = await checkout();
  expect(setUp()).toMatchObject({ status: 0, files: { GITHUB_OUTPUT: 'packages=installed\n' } });
  expect(setUp()).toMatchObject({ status: 0, files: { GITHUB_OUTPUT: 'packages=kept\n' } });
  clean();
  const noNpm = program(root, 'npm', 'exit 1');
  expect(setUp({ PATH: noNpm })).toMatchObject({ status: 0, files: { GITHUB_OUTPUT: 'packages=kept\n' } });
  expect(existsSync(path.join(root, 'checkout', 'node_modules', '.package-lock.json'))).toBe(true);
});

test.each([
  ['the lock file', 'package-lock.json', (text: string) => `${text}\n`],
  ["npm's settings", '.npmrc', (text: string) => `${text}fund=false\n`],
  ['what package.json asks for', 'package.json', (text: string) => text.replace('"dependencies"', '"devDependencies"')],
])('they are installed again when %s has changed', async (_, file, change) => {
  const { setUp, write, clean, root } = await checkout();
  setUp();
  const text = readFileSync(path.join(root, 'checkout', file), 'utf8');
  expect(change(text)).not.toBe(text);
  write(file, change(text));
  if (file === 'package.json')
    spawnSync('npm', ['install', '--package-lock-only', '--offline'], { cwd: path.join(root, 'checkout') });
  clean();
  expect(setUp()).toMatchObject({ status: 0, files: { GITHUB_OUTPUT: 'packages=installed\n' } });
});

test('another script in package.json installs nothing anew', async () => {
  const { setUp, write, clean } = await checkout();
  setUp();
  write('package.json', '{"name":"shop","version":"1.0.0","scripts":{"a":"b"},"dependencies":{"one":"file:one"}}');
  clean();
  expect(setUp().files['GITHUB_OUTPUT']).toBe('packages=kept\n');
});

test('later steps get Node 24, the state folder, the compile cache and what is known of error paths', async () => {
  const { setUp, root, cache } = await checkout();
  const { files } = setUp({ GITHUB_REPOSITORY: 'owner/shop' });
  expect(files['GITHUB_PATH']).toBe(`${path.join(root, 'checkout', 'node_modules', '.bin')}\n`);
  expect(files['GITHUB_ENV']?.split('\n')).toEqual([
    `NODE_COMPILE_CACHE=${cache}/compile-cache`,
    `EXCEPTION_TEST_CACHE=${cache}/exception-test/owner/shop`,
    `CLEAVER_HOME=${root}/.cleaver`,
    '',
  ]);
});

test('a state folder that the runner names stays', async () => {
  const { setUp } = await checkout();
  expect(setUp({ CLEAVER_HOME: '/var/lib/cleaver' }).files['GITHUB_ENV']).toContain('CLEAVER_HOME=/var/lib/cleaver\n');
});

test('packages that nobody asks for leave the store', async () => {
  const { setUp, cache } = await checkout();
  mkdirSync(path.join(cache, 'node_modules-old'), { recursive: true });
  const longAgo = new Date(Date.now() - 40 * 24 * 3600 * 1000);
  utimesSync(path.join(cache, 'node_modules-old'), longAgo, longAgo);
  setUp();
  expect(readdirSync(cache)).toHaveLength(1);
  expect(readdirSync(cache)[0]).not.toBe('node_modules-old');
});

test.each([
  ['no Node', 'node', 'exit 127', 'NODE_MISSING', /Install Node 20 or newer/],
  ['an old Node', 'node', 'echo 18.20.1', 'NODE_TOO_OLD', /has Node 18\.20\.1/],
  ['an npm ci that fails', 'npm', 'echo refused >&2; exit 1', 'PACKAGES_FAILED', /fit package\.json/],
])('%s ends the job with what to do', async (_, name, script, title, message) => {
  const { setUp, root, cache } = await checkout();
  const { status, stdout, files } = setUp({ PATH: program(root, name, script) });
  expect(status).toBe(2);
  expect(stdout).toContain(`::error title=${title}::`);
  expect(stdout).toMatch(message);
  expect(files['GITHUB_ENV']).toBe('');
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
});
