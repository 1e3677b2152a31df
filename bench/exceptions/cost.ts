import { appendFileSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { printBench } from '../print.ts';
import { runNode } from './run-node.ts';

/** What the gate costs on this repository: level 1 against the plain run, level 2, and a change of one file. */
const ROOT = path.join(import.meta.dirname, '../..');
const ROUNDS = Number(process.env['CLEAVER_BENCH_ROUNDS'] ?? 3);
/** A leaf, one in the middle, and the file that the most others are made of. */
const CHANGED = [
  'service/request/feature-rows.ts',
  'pipelines/adapters/lock.ts',
  'pipelines/core/manifest.ts',
  'pipelines/core/errors.ts',
];

const root = await realpath(await mkdtemp(path.join(tmpdir(), 'cleaver-cost-')));
try {
  const folder = await copyOfProject();
  process.env['EXCEPTION_TEST_CACHE'] = path.join(root, 'cache');
  const plain: number[] = [];
  const counted: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    plain.push(await seconds([path.join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'quick'], folder));
    counted.push(await gate(folder, '--level', '1', '--full'));
  }
  const ratios = counted.map((value, round) => value / (plain[round] ?? 1));
  const rows: Record<string, unknown>[] = [
    { case: 'plain vitest run', seconds: median(plain) },
    { case: 'level 1', seconds: median(counted), ratio: { against: 'plain vitest run', ...spread(ratios) } },
    { case: 'levels 1 and 2, nothing known', seconds: await gate(folder, '--level', '2', '--full') },
    { case: 'levels 1 and 2, nothing changed', seconds: await gate(folder, '--level', '2') },
  ];
  for (const file of CHANGED) {
    appendFileSync(path.join(folder, file), '\n// Changed.\n');
    rows.push({ case: `levels 1 and 2, ${file} changed`, seconds: await gate(folder, '--level', '2') });
  }
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
  printBench({ name: 'exceptions:cost', date: new Date().toISOString().slice(0, 10), machine, rows }, rows);
} finally {
  await rm(root, { recursive: true, force: true });
}

/** The files as they stand, so that some can be changed. */
async function copyOfProject(): Promise<string> {
  const folder = path.join(root, 'project');
  const listed = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of listed.split('\0').filter(Boolean)) await cp(path.join(ROOT, file), path.join(folder, file));
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  execFileSync('git', ['add', '--all'], { cwd: folder });
  return folder;
}

async function gate(folder: string, ...args: readonly string[]): Promise<number> {
  return await seconds([path.join(folder, 'actions/exception-test/cli.ts'), '--project', 'quick', ...args], folder);
}

async function seconds(args: readonly string[], folder: string): Promise<number> {
  const ended = await runNode(args, folder);
  if (ended.status !== 0)
    throw new Error(`node ${args.join(' ')} ended with ${ended.status}:\n${ended.stdout}${ended.stderr}`);
  return ended.seconds;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function spread(values: readonly number[]): { min: number; median: number; max: number } {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}
