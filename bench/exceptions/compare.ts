import { cp, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { printBench } from '../print.ts';
import { runCoverage } from './coverage.ts';
import { elsewhere, findingsOf, type Bug, type Report } from './findings.ts';
import { addPlugin, runGate } from './gate.ts';
import { installStryker, runStryker, STRYKER_VERSION } from './stryker.ts';

/** How many of ten planted bugs in error paths coverage, Stryker and our gate point at, and how often each points elsewhere. */
const ROOT = path.join(import.meta.dirname, '../..');
const FIXTURE = path.join(import.meta.dirname, 'ten-bugs');

const bugs = await readBugs();
const vitest = await versionOf('vitest');
const installation = await installStryker({ vitest, typescript: await versionOf('typescript') });
const root = await realpath(await mkdtemp(path.join(tmpdir(), 'cleaver-exceptions-')));
try {
  const coverage = await runCoverage(await copyOf('coverage', true), path.join(ROOT, 'node_modules/vitest/vitest.mjs'));
  const stryker = await runStryker(await copyOf('stryker', false), installation);
  const gate = await timedGate(await copyOf('gate', true));
  const tools = { coverage, stryker, gate };
  const rows = [
    ...bugs.map((bug) =>
      row(`${bug.file}:${bug.line} ${bug.id}`, tools, (report) => findingsOf(bug, report).length > 0),
    ),
    row('bugs found', tools, (report) => bugs.filter((bug) => findingsOf(bug, report).length > 0).length),
    row('findings elsewhere', tools, (report) => elsewhere(report, bugs).findings),
    row('lines elsewhere', tools, (report) => elsewhere(report, bugs).lines),
    row('turns red', tools, ({ red }) => red),
    row('seconds', tools, ({ seconds }) => seconds),
  ];
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
  const versions = {
    vitest,
    coverage: await versionOf('@vitest/coverage-v8'),
    stryker: STRYKER_VERSION,
  };
  const date = new Date().toISOString().slice(0, 10);
  const findings = { coverage: coverage.findings, stryker: stryker.findings, gate: gate?.findings };
  printBench({ name: 'exceptions', date, machine, versions, mutants: stryker.mutants, rows, findings }, rows);
} finally {
  await rm(root, { recursive: true, force: true });
}

/** The list of bugs, held against the source, so that a line that moved is noticed. */
async function readBugs(): Promise<Bug[]> {
  const listed = JSON.parse(await readFile(path.join(FIXTURE, 'bugs.json'), 'utf8')) as Bug[];
  for (const { id, file, line, text } of listed) {
    const source = await readFile(path.join(FIXTURE, file), 'utf8');
    if (!source.split('\n')[line - 1]?.includes(text)) throw new Error(`${id}: line ${line} of ${file} has no ${text}`);
  }
  return listed;
}

async function copyOf(name: string, withModules: boolean): Promise<string> {
  const folder = path.join(root, name);
  await cp(FIXTURE, folder, { recursive: true });
  if (withModules) await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  return folder;
}

/** The rivals are worth reading without the gate, so its failure is said and leaves its column empty. */
async function timedGate(folder: string): Promise<Report | undefined> {
  await addPlugin(folder, ['OrderError']);
  const begun = performance.now();
  try {
    const failures = await runGate(folder);
    const findings = failures.map(({ file, line, reason }) => ({ file, from: line, to: line, reason }));
    return { findings, red: failures.length > 0, seconds: (performance.now() - begun) / 1000 };
  } catch (error) {
    process.stderr.write(`Without the gate's column: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

/** A row with a cell for each tool; null where the tool did not run or has no answer. */
function row(
  name: string,
  tools: Readonly<Record<string, Report | undefined>>,
  cell: (report: Report) => boolean | number | undefined,
): Record<string, unknown> {
  const cells = Object.entries(tools).map(([tool, report]) => [tool, report && (cell(report) ?? null)] as const);
  return { case: name, ...Object.fromEntries(cells.map(([tool, value]) => [tool, value ?? null])) };
}

async function versionOf(name: string): Promise<string> {
  const manifest = await readFile(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
