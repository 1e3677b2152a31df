import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { printBench } from './print.ts';

/** How long every action takes until its step begins, and how long commit-lint takes for 1,000 commits. */
const START_GOAL_MS = 400;
const START_RUNS = 15;
const LINT_GOAL_MS = 5000;
const LINT_RUNS = 5;
const COMMITS = 1000;

const ROOT = path.join(import.meta.dirname, '..');
const ACTIONS = path.join(ROOT, 'actions');
/** What runAction tells the runner's debug log when the inputs are read. */
const BEGINS = '::debug::the step begins';
/** Inputs of the actions that cannot do without. */
const INPUTS: Readonly<Record<string, Record<string, string>>> = {
  'notify-slack': { INPUT_EVENT: 'start' },
  promote: { INPUT_JUDGEMENT: 'evaluate-0123456789ab' },
};
/** Messages by what is to come of them; each wrong one gets a corrected example. */
const MESSAGES: Readonly<Record<string, (index: number) => string>> = {
  clean: (index) => `fix(docs): say what happens on day ${index}\n\nIt was not said before, and people asked.\n`,
  invalid: (index) => `Fixed the thing of day ${index}.\nIt was not said before, and people asked.\n`,
};

const root = await mkdtemp(path.join(tmpdir(), 'cleaver-actions-'));
const rows = [];
try {
  rows.push(...(await measureStarts()));
  for (const kind of Object.keys(MESSAGES)) rows.push(await measureLint(kind));
} finally {
  await rm(root, { recursive: true, force: true });
}
const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
printBench({ name: 'actions', date: new Date().toISOString().slice(0, 10), machine, rows }, rows);
if (rows.some(({ kept }) => !kept)) process.exitCode = 1;

async function measureStarts() {
  const folders = (await readdir(ACTIONS)).filter((name) => existsSync(path.join(ACTIONS, name, 'main.ts'))).sort();
  const times = new Map(folders.map((name) => [name, [] as number[]]));
  // The first run on a runner fills the cache of compiled modules, which is written when the process ends by itself.
  for (const name of folders) await text(start(name, INPUTS[name] ?? {}).stdout);
  for (let run = 0; run < START_RUNS; run += 1) {
    for (const [name, measured] of times) measured.push(await msUntilStep(name));
  }
  return [...times].map(([name, measured]) => rowOf(`start of ${name}`, measured, START_GOAL_MS));
}

async function msUntilStep(name: string): Promise<number> {
  const begun = performance.now();
  const child = start(name, INPUTS[name] ?? {});
  let log = '';
  for await (const chunk of child.stdout) {
    log += String(chunk);
    if (!log.includes(BEGINS)) continue;
    const ms = performance.now() - begun;
    child.kill('SIGKILL');
    return ms;
  }
  throw new Error(`The step of ${name} did not begin:\n${log}`);
}

async function measureLint(kind: string) {
  const { checkout, before, after } = await repositoryOf(kind);
  const event = path.join(root, `${kind}.json`);
  const output = path.join(root, `${kind}.output`);
  await writeFile(
    event,
    JSON.stringify({ ref: 'refs/heads/main', before, after, commits: [], repository: { default_branch: 'main' } }),
  );
  const measured: number[] = [];
  for (let run = 0; run < LINT_RUNS; run += 1) {
    await writeFile(output, '');
    const begun = performance.now();
    const child = start('commit-lint', {
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: event,
      GITHUB_OUTPUT: output,
      GITHUB_WORKSPACE: checkout,
    });
    const log = await text(child.stdout);
    measured.push(performance.now() - begun);
    const outputs = await readFile(output, 'utf8');
    if (![kind, COMMITS].every((value) => outputs.includes(`\n${value}\n`))) {
      throw new Error(`Of ${COMMITS} ${kind} commits came:\n${outputs}\n${log}`);
    }
  }
  return rowOf(`commit-lint of ${COMMITS} ${kind} commits`, measured, LINT_GOAL_MS);
}

/** A repository with this project's configuration of messages, and so many commits on top of the first. */
async function repositoryOf(kind: string): Promise<{ checkout: string; before: string; after: string }> {
  const checkout = path.join(root, kind);
  await mkdir(path.join(checkout, 'docs'), { recursive: true });
  for (const file of ['commitlint.config.js', 'package.json'])
    await cp(path.join(ROOT, file), path.join(checkout, file));
  await symlink(path.join(ROOT, 'node_modules'), path.join(checkout, 'node_modules'));
  git(checkout, ['init', '--quiet', '--initial-branch=main']);
  const commit = (message: string) =>
    `commit refs/heads/main\ncommitter a <a@example.org> 0 +0000\ndata ${Buffer.byteLength(message)}\n${message}\n`;
  const messages = ['chore: begin', ...Array.from({ length: COMMITS }, (_, index) => MESSAGES[kind]?.(index) ?? '')];
  git(checkout, ['fast-import', '--quiet'], messages.map(commit).join(''));
  return {
    checkout,
    before: git(checkout, ['rev-list', '--max-parents=0', 'main']),
    after: git(checkout, ['rev-parse', 'main']),
  };
}

function git(cwd: string, options: string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('git', options, { cwd, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${options.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Starts an action as the runner does, with the cache that actions/setup sets. */
function start(name: string, environment: Record<string, string>): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [path.join(ACTIONS, name, 'main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: root,
      NODE_COMPILE_CACHE: path.join(root, 'compile-cache'),
      CLEAVER_HOME: path.join(root, 'state'),
      GITHUB_REPOSITORY: 'owner/shop',
      ...environment,
    },
  });
}

function rowOf(name: string, times: readonly number[], goalMs: number) {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round);
  const medianMs = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { case: name, medianMs, minMs: sorted[0], maxMs: sorted.at(-1), goalMs, kept: medianMs <= goalMs };
}
