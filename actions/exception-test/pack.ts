import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';

const HERE = import.meta.dirname;
/** What others load, or is loaded by its file's name. */
const ENTRIES = ['index.ts', 'cli.ts', 'runtime/setup.ts', 'runtime/join-session.ts'];

/** Makes an npm package of this folder, for projects that are not Cleaver's: plain JavaScript. Answers its file. */
export function packTo(folder: string): string {
  const made = mkdtempSync(path.join(tmpdir(), 'exception-test-'));
  try {
    emit(made);
    copyFileSync(path.join(HERE, 'report', 'page.css'), path.join(made, 'report', 'page.css'));
    copyFileSync(path.join(HERE, 'README.md'), path.join(made, 'README.md'));
    edit('runtime/register.mjs', made, [
      ['process.features.typescript', 'true'],
      ['./join-session.ts', './join-session.js'],
    ]);
    edit('package.json', made, [
      ['"./index.ts"', '{ "types": "./index.d.ts", "default": "./index.js" }'],
      ['./cli.ts', './cli.js'],
    ]);
    mkdirSync(folder, { recursive: true });
    const [{ filename } = { filename: '' }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', path.resolve(folder)], {
        cwd: made,
        encoding: 'utf8',
      }),
    ) as { filename: string }[];
    return path.join(path.resolve(folder), filename);
  } finally {
    rmSync(made, { recursive: true });
  }
}

function emit(outDir: string): void {
  const program = ts.createProgram({
    rootNames: ENTRIES.map((name) => path.join(HERE, name)),
    options: {
      outDir,
      rootDir: HERE,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts'],
      module: ts.ModuleKind.NodeNext,
      types: ['node'],
      strict: true,
      skipLibCheck: true,
    },
  });
  const problems = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  if (problems.length === 0) return;
  const host = {
    getCanonicalFileName: (name: string) => name,
    getCurrentDirectory: () => HERE,
    getNewLine: () => '\n',
  };
  throw new Error(`The folder does not compile:\n${ts.formatDiagnostics(problems, host)}`);
}

/** Copies a text with changes, each of which must be needed. */
function edit(name: string, to: string, changes: readonly (readonly [string, string])[]): void {
  let text = readFileSync(path.join(HERE, name), 'utf8');
  for (const [from, by] of changes) {
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    text = text.replace(from, by);
  }
  writeFileSync(path.join(to, name), text);
}

if (import.meta.main) process.stdout.write(`${packTo(process.argv[2] ?? '.')}\n`);
