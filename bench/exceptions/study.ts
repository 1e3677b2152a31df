import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { printBench } from '../print.ts';
import { runCoverage, shares } from './coverage.ts';
import { runToEnd } from './run-node.ts';

/** What the gate found on this repository before anybody had written a test for it, what it finds now, and what coverage says. */
const ROOT = path.join(import.meta.dirname, '../..');
const GATE = path.join(ROOT, 'actions/exception-test');
/** The last commit before the gate. */
const BEFORE = '7961915';
const OPTIONS = {
  include: ['{actions,pipelines,service,sample,runner,docs}/**'],
  exclude: ['service/admin/*.js', 'actions/exception-test/**'],
};

interface Failure {
  file: string;
  line: number;
  reason: string;
}

const root = await realpath(await mkdtemp(path.join(tmpdir(), 'cleaver-study-')));
try {
  const rows = [];
  const before = await checkOut(BEFORE);
  if (before === undefined)
    process.stderr.write(`The commit ${BEFORE} is not in this clone: there is no row for it.\n`);
  else rows.push(await study('before', before));
  rows.push(await study('now', ROOT));
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version };
  printBench({ name: 'exceptions', date: new Date().toISOString().slice(0, 10), machine, rows }, rows);
} finally {
  await rm(root, { recursive: true, force: true });
}

/** The files of a commit, with the plugin in their configuration. */
async function checkOut(commit: string): Promise<string | undefined> {
  const folder = path.join(root, 'before');
  try {
    execFileSync('git', ['clone', '--quiet', '--shared', '--no-checkout', ROOT, folder], { stdio: 'ignore' });
    execFileSync('git', ['checkout', '--quiet', commit], { cwd: folder, stdio: 'ignore' });
  } catch {
    return undefined;
  }
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const config = path.join(folder, 'vitest.config.ts');
  const text = await readFile(config, 'utf8');
  const plugin = `exceptionTest(${JSON.stringify({ ...OPTIONS, onPlainRun: false })})`;
  await writeFile(
    config,
    `import { exceptionTest } from ${JSON.stringify(path.join(GATE, 'index.ts'))};\n${text.replace('defineConfig({', `defineConfig({ plugins: [${plugin}],`)}`,
  );
  return folder;
}

async function study(name: string, folder: string): Promise<Record<string, unknown>> {
  const { paths, reached, survivors, notTried, waived, failures, seconds } = await judge(folder);
  const covered = await runCoverage(folder, path.join(ROOT, 'node_modules/vitest/vitest.mjs'), [
    ...['--project', 'quick'],
    // The gate is not judged, so neither is how its files are covered.
    ...['**/exception-test/**', '**/*.test.ts'].map((files) => `--coverage.exclude=${files}`),
  ]);
  const of = (reason: string) => failures.filter((failure) => failure.reason === reason);
  // Coverage does not point at the line, so it would not have said a word.
  const unseen = (reason: string) =>
    of(reason).filter(
      ({ file, line }) =>
        !covered.findings.some((found) => found.file === file && found.from <= line && found.to >= line),
    ).length;
  const { statements, branches } = await shares(folder);
  return {
    case: name,
    paths,
    reached,
    survivors,
    swallowed: of('swallowed').length,
    notTried,
    waived,
    statements,
    branches,
    unreachedButCovered: unseen('unreached'),
    survivorsButCovered: unseen('survivor'),
    seconds,
  };
}

interface Judged {
  paths: number;
  reached: number;
  survivors: number;
  notTried: number;
  waived: number;
  failures: Failure[];
  seconds: number;
}

async function judge(folder: string): Promise<Judged> {
  const args = [process.execPath, path.join(GATE, 'cli.ts'), '--project', 'quick', '--level', '2', '--full', '--json'];
  const wrapper = path.join(folder, 'tests/with-postgres');
  if (!existsSync(wrapper))
    throw new Error(`${wrapper} is missing: without Postgres its paths would count as unreached.`);
  const { stdout, stderr, seconds } = await runToEnd(wrapper, [...args, '--budget-seconds', '1800'], folder);
  const result = JSON.parse(stdout || '{}') as Partial<Judged>;
  if (result.failures === undefined)
    throw new Error(`The gate did not judge ${folder}:\n${stdout}${stderr.slice(-4000)}`);
  return { ...(result as Judged), seconds };
}
