import type MagicString from 'magic-string';
import ts from 'typescript';
import { RUNTIME } from './site.ts';

/** A stretch of code within which level 3 makes calls fail: a try block, or a function that the configuration names. */
export interface FaultScope {
  /** `<file>!<ordinal>`. */
  id: string;
  file: string;
  /** From 1. */
  line: number;
  /** For people: `deliver`, or `the try block of deliver`. */
  name: string;
}

/**
 * Weaves the scopes in. A try block's scope is watched to the end of the function around it: that is where it shows what
 * comes out and what is left behind. Generators are left out: they are never at their end when they are left.
 */
export function weaveFaultScopes(
  file: string,
  source: ts.SourceFile,
  code: MagicString,
  isNamed: (name: string, exported: boolean) => boolean,
): FaultScope[] {
  const scopes: FaultScope[] = [];
  const add = (node: ts.Node, name: string): string => {
    const id = `${file}!${scopes.length}`;
    scopes.push({ id, file, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, name });
    return JSON.stringify(id);
  };
  const visit = (node: ts.Node): void => {
    if (isWatchable(node)) {
      const name = nameOf(node);
      const tries = triesOf(node);
      const named = name !== undefined && isNamed(name, isExported(node));
      if (named || tries.length > 0) {
        const id = named ? add(node, name) : 'undefined';
        watch(code, node, id);
        for (const one of tries) mark(code, one, add(one, `the try block of ${name ?? 'a function'}`));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return scopes;
}

type Watchable = (ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration) & {
  body: ts.ConciseBody;
};

function isWatchable(node: ts.Node): node is Watchable {
  const isFunction =
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node);
  return isFunction && node.body !== undefined && node.asteriskToken === undefined;
}

/** `{…}` becomes `{return scope(id,async()=>{…})}`; an arrow function inside keeps `this` and `arguments`. */
function watch(code: MagicString, node: Watchable, id: string): void {
  const isAsync = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
  const before = `${RUNTIME}.scope(${id},${isAsync ? 'async' : ''}()=>`;
  if (ts.isBlock(node.body)) {
    code.appendLeft(node.body.getStart() + 1, `return ${before}{`);
    code.prependLeft(node.body.getEnd() - 1, '});');
  } else {
    code.appendRight(node.body.getStart(), `${before}(`);
    code.prependLeft(node.body.getEnd(), '))');
  }
}

function mark(code: MagicString, { tryBlock, catchClause, finallyBlock }: ts.TryStatement, id: string): void {
  const leave = `${RUNTIME}.leaveTry(${id});`;
  code.appendLeft(tryBlock.getStart() + 1, `${RUNTIME}.enterTry(${id});`);
  if (catchClause !== undefined) code.appendLeft(catchClause.block.getStart() + 1, leave);
  if (finallyBlock !== undefined) code.appendLeft(finallyBlock.getStart() + 1, leave);
  else code.appendLeft((catchClause?.block ?? tryBlock).getEnd(), `finally{${leave}}`);
}

/** Try statements of a function itself, not of those within it. */
function triesOf(node: Watchable): ts.TryStatement[] {
  const found: ts.TryStatement[] = [];
  const look = (at: ts.Node): void => {
    if (ts.isFunctionLike(at)) return;
    if (ts.isTryStatement(at)) found.push(at);
    ts.forEachChild(at, look);
  };
  look(node.body);
  return found;
}

function nameOf(node: Watchable): string | undefined {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  return undefined;
}

function isExported(node: Watchable): boolean {
  const statement = ts.isVariableDeclaration(node.parent) ? node.parent.parent.parent : node;
  return (
    ts.canHaveModifiers(statement) &&
    (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false)
  );
}
