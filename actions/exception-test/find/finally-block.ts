import type MagicString from 'magic-string';
import ts from 'typescript';
import { around, RUNTIME, type Site } from './site.ts';

type Leaving = ts.ReturnStatement | ts.BreakOrContinueStatement;

/** A `return`, `break` or `continue` that ends a finally block, and with it drops an error on its way. */
export function finallySite(node: ts.Node): Site | undefined {
  const left = isLeaving(node) ? leftBy(node) : undefined;
  if (left === undefined || !isLeaving(node)) return undefined;
  return {
    kind: 'finally-return',
    node,
    mutations: ['remove'],
    swallows: false,
    weave: (code, id) => {
      around(code, node, `{if(${RUNTIME}.leave(${id},${pendingName(left)}))`, '}');
    },
  };
}

/** Keeps the error that is on its way when such a finally block begins, for what leaves it to know. */
export function keepPending(code: MagicString, node: ts.TryStatement): void {
  const { tryBlock, catchClause, finallyBlock } = node;
  if (finallyBlock === undefined || !isLeft(node)) return;
  const keep = `catch(error$){throw ${RUNTIME}.pend(error$);}`;
  if (catchClause === undefined) {
    code.appendLeft(tryBlock.getEnd(), keep);
  } else if (catchClause.block.statements.length > 0) {
    code.appendLeft(catchClause.block.getStart() + 1, 'try{');
    code.prependLeft(catchClause.block.getEnd() - 1, `}${keep}`);
  }
  code.appendLeft(finallyBlock.getStart() + 1, `const ${pendingName(node)}=${RUNTIME}.takePending();`);
}

function pendingName(node: ts.TryStatement): string {
  return `pending$${node.getStart()}`;
}

function isLeaving(node: ts.Node): node is Leaving {
  return ts.isReturnStatement(node) || ts.isBreakOrContinueStatement(node);
}

function isLeft(node: ts.TryStatement): boolean {
  const look = (at: ts.Node): boolean =>
    (isLeaving(at) && leftBy(at) === node) || (ts.forEachChild(at, (child) => look(child) || undefined) ?? false);
  return node.finallyBlock !== undefined && look(node.finallyBlock);
}

/** The innermost try statement whose finally block the statement leaves. */
function leftBy(node: Leaving): ts.TryStatement | undefined {
  for (let at: ts.Node = node; !ts.isSourceFile(at) && !ts.isFunctionLike(at); at = at.parent) {
    if (ts.isTryStatement(at.parent) && at.parent.finallyBlock === at) return at.parent;
    if (!ts.isReturnStatement(node) && isTargetOf(at.parent, node)) return undefined;
  }
  return undefined;
}

function isTargetOf(outer: ts.Node, { label, kind }: ts.BreakOrContinueStatement): boolean {
  if (label !== undefined) return ts.isLabeledStatement(outer) && outer.label.text === label.text;
  return (
    ts.isIterationStatement(outer, false) || (kind === ts.SyntaxKind.BreakStatement && ts.isSwitchStatement(outer))
  );
}
