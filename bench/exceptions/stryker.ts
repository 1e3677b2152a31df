import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import type { Report } from './findings.ts';
import { runNode, runToEnd } from './run-node.ts';

/** Of the core and of its runner for vitest. */
export const STRYKER_VERSION = '10.1.1';

/** Part of Stryker's report. */
interface MutationReport {
  files: Record<
    string,
    {
      mutants: {
        mutatorName: string;
        replacement?: string;
        status: string;
        location: { start: { line: number }; end: { line: number } };
      }[];
    }
  >;
}

/**
 * StrykerJS with all its mutators. A finding is each mutant that survived or that no test reached, over all lines that it replaces.
 * The folder gets its node_modules from the installation.
 */
export async function runStryker(folder: string, installation: string): Promise<Report & { mutants: number }> {
  await symlink(path.join(installation, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const report = path.join(folder, 'mutation.json');
  const options = {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    mutate: ['src/**/*.ts', '!src/**/*.test.ts'],
    coverageAnalysis: 'perTest',
    concurrency: cpus().length,
    reporters: ['json'],
    jsonReporter: { fileName: report },
    tempDirName: 'stryker-tmp',
  };
  await writeFile(path.join(folder, 'stryker.config.json'), JSON.stringify(options));
  const { status, seconds, stdout, stderr } = await runNode(
    [path.join(installation, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run'],
    folder,
  );
  if (status !== 0 || !existsSync(report)) throw new Error(`Stryker ended with ${status}:\n${stdout}${stderr}`);
  const { files } = JSON.parse(await readFile(report, 'utf8')) as MutationReport;
  const mutants = Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants.map((mutant) => ({ file, ...mutant })),
  );
  const findings = mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ file, mutatorName, replacement, status, location: { start, end } }) => ({
      file,
      from: start.line,
      to: end.line,
      reason: `${status} ${mutatorName} ${replacement ?? ''}`,
    }));
  return { findings, red: undefined, seconds, mutants: mutants.length };
}

/** Installs Stryker beside what it works with, once; `CLEAVER_BENCH_CACHE` says where. Returns the folder. */
export async function installStryker(peers: { vitest: string; typescript: string }): Promise<string> {
  const cache = process.env['CLEAVER_BENCH_CACHE'] ?? path.join(tmpdir(), 'cleaver-bench');
  const folder = path.join(cache, `stryker-${STRYKER_VERSION}-vitest-${peers.vitest}`);
  const done = path.join(folder, 'installed');
  if (existsSync(done)) return folder;
  await mkdir(folder, { recursive: true });
  const dependencies = {
    '@stryker-mutator/core': STRYKER_VERSION,
    '@stryker-mutator/vitest-runner': STRYKER_VERSION,
    ...peers,
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const { status, stderr } = await runToEnd('npm', ['install', '--no-audit', '--no-fund'], folder);
  if (status !== 0) throw new Error(`npm cannot install Stryker in ${folder}:\n${stderr}`);
  await writeFile(done, '');
  return folder;
}
