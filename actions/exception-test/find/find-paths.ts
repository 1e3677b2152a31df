import MagicString from 'magic-string';
import ts from 'typescript';
import type { ErrorPath } from '../result.ts';
import { callSites, exitCodeSite } from './calls.ts';
import { catchSite } from './catch-clause.ts';
import { errorFirstSite, ignoredErrorSite } from './error-first.ts';
import { finallySite, keepPending } from './finally-block.ts';
import { hintFor } from './hint.ts';
import { isReject } from './reject-names.ts';
import { resultSite, type ResultShape } from './result-shapes.ts';
import { statementSite, type Site } from './site.ts';

/** A source file as the gate sees it. */
export interface Source {
  /** In the order of the text. */
  paths: FoundPath[];
  /** The text with counters and switches woven in; lines are where they were. Undefined when there is no path. */
  woven?: MagicString | undefined;
  /** Where the text cannot be parsed, so that nothing is known of its paths. */
  unparsed?: { line: number; message: string } | undefined;
}

export interface FoundPath extends ErrorPath {
  /** The shortest way to reach it. */
  hint: string;
}

const SCRIPT_KINDS: Record<string, ts.ScriptKind> = {
  js: ts.ScriptKind.JSX,
  mjs: ts.ScriptKind.JSX,
  cjs: ts.ScriptKind.JSX,
  jsx: ts.ScriptKind.JSX,
  tsx: ts.ScriptKind.TSX,
  ts: ts.ScriptKind.TS,
  mts: ts.ScriptKind.TS,
  cts: ts.ScriptKind.TS,
};

/** Finds the error paths of a file by the TypeScript compiler, JavaScript and JSX included. `file` is relative to the root. */
export function findPaths(file: string, text: string, results: readonly ResultShape[] = []): Source {
  const source = parseSource(file, text);
  // Not in the public types, and the one place where the parser says what it could not read.
  const { parseDiagnostics: [problem] = [] } = source as { parseDiagnostics?: ts.DiagnosticWithLocation[] };
  if (problem !== undefined) {
    const { line } = source.getLineAndCharacterOfPosition(problem.start);
    return {
      paths: [],
      unparsed: { line: line + 1, message: ts.flattenDiagnosticMessageText(problem.messageText, ' ') },
    };
  }
  const woven = new MagicString(text);
  const paths: FoundPath[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTryStatement(node)) keepPending(woven, node);
    for (const site of sitesAt(node, results)) {
      const id = `${file}#${paths.length}`;
      site.weave(woven, JSON.stringify(id));
      paths.push(describe(id, file, source, site));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return paths.length === 0 ? { paths } : { paths, woven };
}

/** A file's syntax, by the ending of its name. */
export function parseSource(file: string, text: string): ts.SourceFile {
  const kind = SCRIPT_KINDS[file.slice(file.lastIndexOf('.') + 1)] ?? ts.ScriptKind.TS;
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
}

function sitesAt(node: ts.Node, results: readonly ResultShape[]): Site[] {
  if (ts.isThrowStatement(node)) return [statementSite('throw', node)];
  if (ts.isCatchClause(node)) return [catchSite(node)];
  const found = [finallySite(node), errorFirstSite(node), ignoredErrorSite(node), resultSite(node, results)];
  if (ts.isBinaryExpression(node)) found.push(exitCodeSite(node));
  if (ts.isCallExpression(node)) found.push(...callSites(node, isReject));
  return found.filter((site) => site !== undefined);
}

function describe(
  id: string,
  file: string,
  source: ts.SourceFile,
  { kind, node, from = node, mutations, swallows }: Site,
): FoundPath {
  const place = (position: number) => {
    const { line, character } = source.getLineAndCharacterOfPosition(position);
    // A byte order mark is no column.
    const mark = line === 0 && source.text.startsWith('\uFEFF') ? 1 : 0;
    return { line: line + 1, column: character + 1 - mark };
  };
  const [first = ''] = node.getText().split('\n', 1);
  const text = first.trim().slice(0, 120);
  const { inside, hint } = hintFor(kind, node);
  return {
    id,
    file,
    kind,
    start: place(from.getStart()),
    end: place(node.getEnd()),
    text,
    inside,
    mutations,
    swallows,
    hint,
  };
}
