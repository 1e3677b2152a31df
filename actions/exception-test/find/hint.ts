import ts from 'typescript';
import type { PathKind } from '../result.ts';

/** The function that a path stands in, and the shortest way to reach the path. */
export function hintFor(kind: PathKind, node: ts.Node): { inside?: string; hint: string } {
  const inside = nameAround(node);
  const call = inside === undefined ? 'Load the module' : `Call \`${inside}\``;
  return { ...(inside === undefined ? {} : { inside }), hint: `${call} so that ${occasion(kind, node)}.` };
}

function occasion(kind: PathKind, node: ts.Node): string {
  if (ts.isCatchClause(node)) return `${firstCall(node.parent.tryBlock)} fails`;
  switch (kind) {
    case 'promise-catch':
    case 'then-rejected': {
      const call = node.parent as ts.CallExpression;
      return `\`${short((call.expression as ts.PropertyAccessExpression).expression)}\` rejects`;
    }
    case 'error-event': {
      const call = node.parent as ts.CallExpression;
      return `\`${short((call.expression as ts.PropertyAccessExpression).expression)}\` emits ${short(call.arguments[0] ?? call)}`;
    }
    case 'error-first':
      return 'the callback is given an error';
    default:
      return conditionAround(node) ?? 'it gets there';
  }
}

/** The nearest condition that lets control through to the node, in words. */
function conditionAround(node: ts.Node): string | undefined {
  for (let at = node; !ts.isSourceFile(at) && !ts.isFunctionLike(at); at = at.parent) {
    const { parent } = at;
    if (ts.isIfStatement(parent) && at !== parent.expression) {
      return `\`${short(parent.expression)}\` is ${at === parent.thenStatement ? 'true' : 'false'}`;
    }
    if (ts.isConditionalExpression(parent) && at !== parent.condition) {
      return `\`${short(parent.condition)}\` is ${at === parent.whenTrue ? 'true' : 'false'}`;
    }
    if (ts.isCaseClause(parent)) return `\`${short(parent.parent.parent.expression)}\` is ${short(parent.expression)}`;
    if (ts.isDefaultClause(parent)) return `\`${short(parent.parent.parent.expression)}\` is none of the cases`;
    if (ts.isCatchClause(parent)) return `${firstCall(parent.parent.tryBlock)} fails`;
    const before = ts.isBlock(parent) ? returnBefore(parent, at) : undefined;
    if (before !== undefined) return `\`${short(before.expression)}\` is false`;
  }
  return undefined;
}

/** The nearest `if (…) return …;` that stands before a statement of the same block. */
function returnBefore(block: ts.Block, node: ts.Node): ts.IfStatement | undefined {
  return block.statements
    .filter((statement) => statement.end <= node.pos)
    .filter(ts.isIfStatement)
    .findLast(({ thenStatement, elseStatement }) => {
      const last = ts.isBlock(thenStatement) ? thenStatement.statements.at(-1) : thenStatement;
      return elseStatement === undefined && last !== undefined && ts.isReturnStatement(last);
    });
}

function firstCall(block: ts.Block): string {
  let found: ts.Node | undefined;
  const look = (node: ts.Node): void => {
    if (found !== undefined) return;
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) found = node;
    else ts.forEachChild(node, look);
  };
  look(block);
  return found === undefined ? 'the try block' : `\`${short(found)}\``;
}

/** What a caller would call: the innermost function or method with a name. */
function nameAround(node: ts.Node): string | undefined {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isConstructorDeclaration(at)) return `new ${at.parent.name?.text ?? 'the class'}`;
    if (ts.isFunctionLike(at) && at.name !== undefined) return at.name.getText();
    const isValue = ts.isArrowFunction(at) || ts.isFunctionExpression(at);
    if (isValue && ts.isVariableDeclaration(at.parent)) return at.parent.name.getText();
    if (isValue && ts.isPropertyAssignment(at.parent)) return at.parent.name.getText();
  }
  return undefined;
}

function short(node: ts.Node): string {
  const text = node.getText().replaceAll(/\s+/g, ' ');
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
