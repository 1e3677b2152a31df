import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding, Report } from './findings.ts';
import { runNode } from './run-node.ts';

interface Span {
  start: { line?: number };
  end: { line?: number };
}

/** Of Istanbul's format, which the JSON report is in. */
interface FileCoverage {
  statementMap: Record<string, Span>;
  s: Record<string, number>;
  fnMap: Record<string, { loc: Span }>;
  f: Record<string, number>;
  branchMap: Record<string, { loc: Span; locations: Span[] }>;
  b: Record<string, number[]>;
}

/**
 * vitest with coverage by v8 and the fixture's thresholds of 90 %. A finding is each statement, function and branch that no test
 * executed, also where it shares its line with others.
 */
export async function runCoverage(folder: string, vitest: string, more: readonly string[] = []): Promise<Report> {
  const reports = path.join(folder, 'coverage');
  const results = path.join(reports, 'results.json');
  const { status, seconds, stdout, stderr } = await runNode(
    [vitest, 'run', '--coverage', '--coverage.reporter=json', '--reporter=json', `--outputFile=${results}`, ...more],
    folder,
  );
  const { success } = JSON.parse(await readFile(results, 'utf8')) as { success: boolean };
  if (!success) throw new Error(`The tests of the fixture do not pass:\n${stdout}${stderr}`);
  const covered = await readCoverage(reports);
  const findings = Object.entries(covered).flatMap(([file, coverage]) =>
    uncovered(coverage).map((found) => ({ ...found, file: path.relative(folder, file).replaceAll(path.sep, '/') })),
  );
  return { findings, red: status !== 0, seconds };
}

/** Percent of all statements and branches that were executed in the last run. */
export async function shares(folder: string): Promise<{ statements: number; branches: number }> {
  const files = Object.values(await readCoverage(path.join(folder, 'coverage')));
  const percent = (counts: readonly number[]) =>
    Math.round((1000 * counts.filter((count) => count > 0).length) / counts.length) / 10;
  return {
    statements: percent(files.flatMap(({ s }) => Object.values(s))),
    branches: percent(files.flatMap(({ b }) => Object.values(b).flat())),
  };
}

async function readCoverage(reports: string): Promise<Record<string, FileCoverage>> {
  const text = await readFile(path.join(reports, 'coverage-final.json'), 'utf8');
  return JSON.parse(text) as Record<string, FileCoverage>;
}

function uncovered(coverage: FileCoverage): Omit<Finding, 'file'>[] {
  const { statementMap, s, fnMap, f, branchMap, b } = coverage;
  return [
    ...Object.entries(statementMap).flatMap(([id, span]) => (s[id] === 0 ? [linesOf(span, span, 'statement')] : [])),
    ...Object.entries(fnMap).flatMap(([id, { loc }]) => (f[id] === 0 ? [linesOf(loc, loc, 'function')] : [])),
    ...Object.entries(branchMap).flatMap(([id, { loc, locations }]) =>
      locations.flatMap((span, index) => (b[id]?.[index] === 0 ? [linesOf(span, loc, 'branch')] : [])),
    ),
  ];
}

/** An `else` that is not written has no place of its own; its `if` stands for it. */
function linesOf(span: Span, whole: Span, reason: string): Omit<Finding, 'file'> {
  const from = span.start.line ?? whole.start.line ?? 0;
  return { from, to: span.end.line ?? from, reason };
}
