import type MagicString from 'magic-string';
import ts from 'typescript';
import type { Mutation, PathKind } from '../result.ts';

/** The one name that woven code knows; runtime/runtime.ts puts it in place. */
export const RUNTIME = 'globalThis.__errorPath__';

/** Where the finder saw an error path, and how a counter and a switch for its mutations are woven into the text there. */
export interface Site {
  kind: PathKind;
  node: ts.Node;
  /** Where the path begins for a reader, if not with its node. */
  from?: ts.Node;
  mutations: readonly Mutation[];
  swallows: boolean;
  /** `id` is a string literal of JavaScript. Sites are woven from the outside in; no line is ever added. */
  weave: (code: MagicString, id: string) => void;
}

/** Puts text around a node; what is woven around a node inside it comes to lie within. */
export function around(code: MagicString, node: ts.Node, before: string, after: string): void {
  code.appendRight(node.getStart(), before);
  code.prependLeft(node.getEnd(), after);
}

/** A statement that is left out when its path is mutated; in braces, so that an `else` behind it keeps its `if`. */
export function statementSite(kind: PathKind, node: ts.Statement): Site {
  return {
    kind,
    node,
    mutations: ['remove'],
    swallows: false,
    weave: (code, id) => {
      around(code, node, `{if(!${RUNTIME}.hit(${id}))`, '}');
    },
  };
}

/** An expression in whose place another value stands when its path is mutated. It never begins with a parenthesis (ASI). */
export function expressionSite(kind: PathKind, node: ts.Expression, instead = 'void 0'): Site {
  return {
    kind,
    node,
    mutations: ['remove'],
    swallows: false,
    weave: (code, id) => {
      around(code, node, `${RUNTIME}.value(${RUNTIME}.hit(${id})?${instead}:`, ')');
    },
  };
}

/**
 * A call that raises an error. Behind a `?.` it may never come to it: what stands before the last one is looked at, and
 * taken for missing when the path is mutated.
 */
export function callSite(kind: PathKind, node: ts.CallExpression, instead?: string): Site {
  const plain = expressionSite(kind, node, instead);
  const weave = ts.isOptionalChain(node) ? weaveOptional(node) : undefined;
  return weave === undefined ? plain : { ...plain, weave };
}

function weaveOptional(call: ts.CallChain): Site['weave'] | undefined {
  let link: ts.Expression = call;
  while (ts.isOptionalChain(link) && (ts.isNonNullChain(link) || link.questionDotToken === undefined)) {
    link = link.expression;
  }
  if (!ts.isOptionalChain(link)) return undefined;
  const before = link.expression;
  if (link !== call || ts.isIdentifier(before)) {
    return (code, id) => {
      around(code, before, `${RUNTIME}.present(${id},`, ')');
    };
  }
  // `deferred.reject?.(…)`: the method must keep its `this`.
  if (!ts.isPropertyAccessExpression(before) || ts.isPrivateIdentifier(before.name)) return undefined;
  return (code, id) => {
    code.appendRight(before.getStart(), `${RUNTIME}.method(${id},`);
    code.update(
      before.expression.getEnd(),
      before.getEnd(),
      `,${JSON.stringify(before.name.text)},${ts.isOptionalChain(before) ? 1 : 0})`,
    );
  };
}

/** A function that takes an error, given as an argument. */
export function handlerSite(kind: PathKind, node: ts.Expression, call: ts.CallExpression): Site {
  const does = handlerDoes(node);
  const swallows = does === 'nothing' && (kind === 'error-event' || isUnused(call));
  return {
    kind,
    node,
    mutations: MUTATIONS[does],
    swallows,
    weave: (code, id) => {
      around(code, node, `${RUNTIME}.handler(${id},`, `,${swallows ? 1 : 0})`);
    },
  };
}

const MUTATIONS: Record<'nothing' | 'throws' | 'something', readonly Mutation[]> = {
  nothing: ['rethrow'],
  throws: ['remove'],
  something: ['rethrow', 'remove'],
};

/** Whether a function does nothing and gives undefined, or throws what it is given, by its syntax. */
function handlerDoes(node: ts.Expression): keyof typeof MUTATIONS {
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return 'something';
  if (!ts.isBlock(node.body)) return isUndefined(node.body) ? 'nothing' : 'something';
  if (node.body.statements.every(givesUndefined)) return 'nothing';
  return throwsOnly(node.body, node.parameters[0]?.name) ? 'throws' : 'something';
}

/** A block that only throws what stands under a name. */
export function throwsOnly({ statements: [only, second] }: ts.Block, name: ts.BindingName | undefined): boolean {
  return (
    only !== undefined &&
    second === undefined &&
    ts.isThrowStatement(only) &&
    ts.isIdentifier(only.expression) &&
    only.expression.text === name?.getText()
  );
}

/** `;`, `return;` or `return undefined;` */
export function givesUndefined(node: ts.Node): boolean {
  if (ts.isEmptyStatement(node)) return true;
  return ts.isReturnStatement(node) && (node.expression === undefined || isUndefined(node.expression));
}

function isUndefined(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isUndefined(node.expression);
  if (ts.isVoidExpression(node)) return ts.isNumericLiteral(node.expression);
  return ts.isIdentifier(node) && node.text === 'undefined';
}

/** Whether nobody takes an expression's value: a statement of its own, maybe awaited. */
function isUnused(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isAwaitExpression(parent) || ts.isVoidExpression(parent) || ts.isParenthesizedExpression(parent)) {
    return isUnused(parent);
  }
  if (ts.isBinaryExpression(parent) && parent.right === node) return isUnused(parent);
  return ts.isExpressionStatement(parent);
}

/** An expression without the parentheses, `as`, `!` and `satisfies` around it. */
export function bare(node: ts.Expression): ts.Expression {
  const isWrapped =
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node);
  return isWrapped ? bare(node.expression) : node;
}
