import { execFile } from 'node:child_process';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/support/temporary-folder.ts';
import { openSession } from '../run/open-session.ts';
import { readNotes, type Notes } from '../run/read-notes.ts';
import { readSources, type Sources } from '../run/sources.ts';
import { ERRAND_VARIABLE, SESSION_VARIABLE, testKey, type Mutant } from './session.ts';

const REGISTER = path.join(import.meta.dirname, 'register.mjs');
const TEST = testKey('', 'a.test.ts', 'a test');

interface Ended {
  status: number | string | null;
  stdout: string;
  stderr: string;
}

interface Project {
  root: string;
  sources: Sources;
  /** Runs a file as it is. */
  plain: (file: string, ...args: string[]) => Promise<Ended>;
  /** Runs it as a process that a test has started. */
  joined: (
    file: string,
    args?: string[],
    mutant?: Mutant,
  ) => Promise<Ended & { notes: Notes; hits: Record<string, number> }>;
}

async function project(files: Record<string, string>): Promise<Project> {
  const root = path.join(await realpath(await temporaryFolder()), 'with space');
  // Where the cache is to lie.
  await mkdir(path.join(root, 'node_modules'), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(root, file), text);
  const sources = readSources(root, {});
  const run = (env: NodeJS.ProcessEnv, file: string, args: readonly string[]) =>
    new Promise<Ended>((resolve) => {
      const child = execFile(
        process.execPath,
        [path.join(root, file), ...args],
        { env: { PATH: process.env['PATH'], ...env } },
        (_error, stdout, stderr) => {
          resolve({ status: child.exitCode ?? child.signalCode, stdout, stderr });
        },
      );
    });
  return {
    root,
    sources,
    plain: async (file, ...args) => await run({}, file, args),
    async joined(file, args = [], mutant) {
      const session = openSession(root, sources, []);
      const ended = await run(
        {
          NODE_OPTIONS: `--import=${pathToFileURL(REGISTER).href}`,
          [SESSION_VARIABLE]: session.file,
          [ERRAND_VARIABLE]: JSON.stringify({ test: TEST, mutant }),
        },
        file,
        args,
      );
      const notes = readNotes(session.notes);
      session.close();
      const paths = [...sources.values()].flatMap((source) => source.paths);
      const hits = paths.map(({ id, file: of, kind, start }): [string, number] => [
        `${of}:${start.line} ${kind}`,
        notes.hits.get(id)?.get(TEST) ?? 0,
      ]);
      return { ...ended, notes, hits: Object.fromEntries(hits.filter(([, count]) => count > 0)) };
    },
  };
}

test('a process ends as it does without counters, whatever it ends by', async () => {
  const { plain, joined } = await project({
    'ends.mjs': `const ways = {
  none: () => { process.exitCode = 3; process.exit(); },
  undefined: () => { process.exitCode = 3; process.exit(undefined); },
  zero: () => { process.exitCode = 3; process.exit(0); },
  text: () => { process.exit('5'); },
  code: () => { process.exitCode = 1 + 5; },
  reset: () => { process.exitCode = 6; process.exitCode = undefined; },
  thrown: () => { throw new TypeError('as it is'); },
  rejected: async () => { await null; throw new TypeError('later'); },
  listened: () => { process.on('unhandledRejection', ({ message }) => { console.log(message); process.exit(8); }); Promise.reject(new Error('taken')); },
  killed: () => { process.kill(process.pid, 'SIGKILL'); },
};
setTimeout(() => {}, 50);
ways[process.argv[2]]();
`,
  });
  const expected = {
    none: 3,
    undefined: 0,
    zero: 0,
    text: 5,
    code: 6,
    reset: 0,
    thrown: 1,
    rejected: 1,
    listened: 8,
    killed: 'SIGKILL',
  };
  // Columns are other ones, and so is the line of source that Node shows above the error.
  const shown = ({ status, stdout, stderr }: Ended) => [
    status,
    stdout,
    stderr.slice(Math.max(0, stderr.search(/^\w*Error/m))).replaceAll(/:(\d+):\d+/g, ':$1'),
  ];
  for (const [way, status] of Object.entries(expected)) {
    const [as, with_] = [await plain('ends.mjs', way), await joined('ends.mjs', [way])];
    expect(as.status, way).toBe(status);
    expect(shown(with_), way).toEqual(shown(as));
  }
});

test('a process that is killed has told what it executed before', async () => {
  const { joined } = await project({
    'killed.mjs': `for (let n = 0; n < 100; n += 1) try { throw n } catch { if (n === 4) process.kill(process.pid, 'SIGKILL'); }\n`,
  });
  const { status, hits } = await joined('killed.mjs');
  expect(status).toBe('SIGKILL');
  // Exact up to the last power of two.
  expect(hits).toEqual({ 'killed.mjs:1 throw': 4, 'killed.mjs:1 catch': 4 });
});

test('a status that is taken away is not that of the process', async () => {
  const { joined, sources } = await project({
    'exit.mjs': `process.exitCode = 4;\nif (process.argv[2]) process.exit(5);\nconsole.log('on');\n`,
  });
  const [first, second] = sources.get('exit.mjs')?.paths ?? [];
  const run = async (id: string | undefined, ...args: string[]) => {
    const { status, stdout } = await joined('exit.mjs', args, { id: id ?? '', mutation: 'remove' });
    return { status, stdout };
  };
  expect(await run(first?.id)).toEqual({ status: 0, stdout: 'on\n' });
  expect(await run(second?.id, 'exit')).toEqual({ status: 4, stdout: 'on\n' });
});

test('an error keeps its line and file in a stack', async () => {
  const text = `export function deep(name: string): void {\n  try {\n    if (name === '') throw new Error('no name');\n  } catch (cause) {\n    throw new Error('deep', { cause });\n  }\n}\n`;
  const { joined, root } = await project({
    'deep.ts': text,
    'main.mts': `import { deep } from './deep.ts';\ntry { deep(''); } catch (error) {\n  console.log((error as Error).stack, ((error as Error).cause as Error).stack);\n}\n`,
  });
  const { stdout } = await joined('main.mts');
  const address = (file: string) => pathToFileURL(path.join(root, file)).href;
  expect(stdout).toContain(`${address('deep.ts')}:5:`);
  expect(stdout).toContain(`${address('deep.ts')}:3:`);
  expect(stdout).toContain(`${address('main.mts')}:2:`);
});

test('CommonJS, TypeScript and files that are loaded later count too', async () => {
  const { joined } = await project({
    'main.cjs': `try { require('./fails.cjs'); } catch {}\nimport('./later.mts').then(({ later }) => later()).catch((error) => console.log(error.message));\n`,
    'fails.cjs': `'use strict';\nthrow new Error('at once');\n`,
    'later.mts': `export async function later(): Promise<void> {\n  throw new Error('later' satisfies string);\n}\n`,
  });
  const { stdout, hits, notes } = await joined('main.cjs');
  expect(stdout).toBe('later\n');
  expect(hits).toEqual({
    'main.cjs:1 catch': 1,
    'main.cjs:2 promise-catch': 1,
    'fails.cjs:2 throw': 1,
    'later.mts:2 throw': 1,
  });
  expect([...(notes.loaded.get(TEST) ?? [])].sort()).toEqual(['fails.cjs', 'later.mts', 'main.cjs']);
  expect(notes.swallowed).toMatchObject([{ error: 'Error: at once', test: TEST }]);
});

test('a rejection that nobody takes is told, and one that ends the program on purpose is not', async () => {
  const { joined } = await project({
    'floating.mjs': `async function later() {\n  await null;\n  throw new Error('lost');\n}\nlater();\n`,
    'ends.mjs': `async function main() {\n  await null;\n  throw new Error('bad option');\n}\nawait main();\n`,
    'takes.mjs': `process.on('unhandledRejection', () => {});\nPromise.reject(new Error('taken'));\n`,
  });
  expect((await joined('floating.mjs')).notes.unhandled).toEqual([
    {
      say: 'unhandled',
      test: TEST,
      error: 'Error: lost',
      at: expect.stringMatching(/^floating\.mjs:3:\d+$/) as string,
    },
  ]);
  expect((await joined('ends.mjs')).notes.unhandled).toEqual([]);
  expect((await joined('takes.mjs')).notes.unhandled).toEqual([]);
});

test('processes and threads count, however they are started and whatever they are given', async () => {
  const files = {
    'child.mjs': `try { throw 1 } catch { console.log(process.argv[2], process.env.GIVEN ?? '', (process.env.NODE_OPTIONS ?? '').includes('--no-warnings')) }\n`,
    'thread.mjs': `import { workerData } from 'node:worker_threads';\nprocess.env.FROM_THREAD = workerData;\ntry { throw 1 } catch { console.log(workerData) }\n`,
    'main.mjs': `import { exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { SHARE_ENV, Worker } from 'node:worker_threads';
const node = process.execPath;
const child = import.meta.dirname + '/child.mjs';
const thread = new URL('./thread.mjs', import.meta.url);
const say = (text) => { process.stdout.write(String(text)); };
const end = async (started) => { started.stdout?.on('data', say); await once(started, 'close'); };
await end(spawn(node, [child, 'spawn'], { env: {} }));
await end(spawn(node, [child, 'given'], { env: { GIVEN: 'a=b', NODE_OPTIONS: '--no-warnings' } }));
await end(fork(child, ['fork'], { silent: true }));
await end(execFile(node, [child, 'execFile'], () => {}));
await end(exec(JSON.stringify(node) + ' ' + JSON.stringify(child) + ' exec'));
say((await promisify(execFile)(node, [child, 'promisified'])).stdout);
say(spawnSync(node, [child, 'spawnSync']).stdout);
say(spawnSync(node, [child, 'spawnSync', 'env'], { env: { GIVEN: 'c' } }).stdout);
say(execFileSync(node, [child, 'execFileSync'], undefined));
say(execFileSync(node, [child, 'execFileSync'], { encoding: 'utf8', env: { GIVEN: 'd' } }));
say(execSync(JSON.stringify(node) + ' ' + JSON.stringify(child) + ' execSync'));
await once(new Worker(thread, { workerData: 'thread' }), 'exit');
await once(new Worker(thread, { workerData: 'own', env: { GIVEN: 'e' }, execArgv: ['--no-warnings'] }), 'exit');
console.log(process.env.FROM_THREAD, Worker.name);
await once(new Worker(thread, { workerData: 'shared', env: SHARE_ENV }), 'exit');
console.log(process.env.FROM_THREAD);
`,
  };
  const { joined, plain } = await project(files);
  const counted = await joined('main.mjs');
  expect(counted.stderr).toBe('');
  expect(counted.stdout).toBe((await plain('main.mjs')).stdout);
  expect(counted.hits).toEqual({
    'child.mjs:1 throw': 11,
    'child.mjs:1 catch': 11,
    'thread.mjs:3 throw': 3,
    'thread.mjs:3 catch': 3,
  });
});

test('a program outlives the run that it was started in', async () => {
  const { joined, root } = await project({
    'main.mjs': `import { spawn } from 'node:child_process';\nspawn(process.execPath, [import.meta.dirname + '/late.mjs'], { detached: true, stdio: 'ignore' }).unref();\n`,
    'late.mjs': `import { existsSync, writeFileSync } from 'node:fs';
const session = process.env.EXCEPTION_TEST_SESSION;
while (existsSync(session)) await new Promise((resolve) => setTimeout(resolve, 20));
try { throw new Error('late') } catch ({ message }) { writeFileSync(import.meta.dirname + '/late.txt', message) }
`,
  });
  await joined('main.mjs');
  await expect
    .poll(async () => await readFile(path.join(root, 'late.txt'), 'utf8').catch(() => ''), { timeout: 20_000 })
    .toBe('late');
});
