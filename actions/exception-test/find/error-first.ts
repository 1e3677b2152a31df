import ts from 'typescript';
import { around, RUNTIME, type Site } from './site.ts';

const ERROR_NAME = /^_?(e|err|error)$|(Err|Error)$/;
/** Without `e`, which many other things are called too. */
const IGNORED_NAME = /^_?(err|error)$|(Err|Error)$/;
/** What takes these calls' functions is an error path of its own. */
const OTHER_KINDS = new Set(['then', 'catch', 'on', 'once', 'addListener', 'prependListener', 'prependOnceListener']);

/** They call their function with something of a list. */
const LIST_METHODS = new Set(
  'every filter find findIndex findLast findLastIndex flatMap forEach map reduce reduceRight some sort toSorted'.split(
    ' ',
  ),
);

/** The branches on the first parameter of a callback: `(error, data) => { if (error) … }`. */
export function errorFirstSite(node: ts.Node): Site | undefined {
  const test = testOf(node);
  if (test === undefined) return undefined;
  const name = errorNamedIn(test);
  return name === undefined || isPartOfTest(node) ? undefined : site(node, test, name);
}

/** A callback that is given an error and has no use for it: `(error, data) => use(data)`. */
export function ignoredErrorSite(node: ts.Node): Site | undefined {
  if (!isCallback(node) || node.parameters.length < 2 || isOfOtherUse(node)) return undefined;
  const [parameter] = node.parameters;
  const name = parameter?.name;
  if (parameter === undefined || name === undefined || !ts.isIdentifier(name) || !IGNORED_NAME.test(name.text)) return;
  const isUsed = (at: ts.Node): boolean =>
    (ts.isIdentifier(at) && at !== name && (at.text === name.text || at.text === 'arguments')) ||
    (ts.forEachChild(at, (child) => isUsed(child) || undefined) ?? false);
  if (isUsed(node)) return undefined;
  return {
    kind: 'error-first',
    node: parameter,
    mutations: [],
    swallows: true,
    weave: (code, id) => {
      around(code, node, `${RUNTIME}.ignoring(${id},`, ')');
    },
  };
}

/** A promise's executor, or what a list calls for its elements. */
function isOfOtherUse({ parent }: ts.ArrowFunction | ts.FunctionExpression): boolean {
  if (ts.isNewExpression(parent)) return parent.expression.getText() === 'Promise';
  const callee = ts.isCallExpression(parent) ? parent.expression : undefined;
  return callee !== undefined && ts.isPropertyAccessExpression(callee) && LIST_METHODS.has(callee.name.text);
}

/** The expression that decides. */
function testOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node)) return node.expression;
  if (ts.isConditionalExpression(node)) return node.condition;
  return ts.isBinaryExpression(node) && isLogical(node) ? node.left : undefined;
}

function isLogical({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken;
}

/** A logical expression that is itself, or within, the test of a branch is counted there. */
function isPartOfTest(node: ts.Node): boolean {
  for (let at = node; ; at = at.parent) {
    const { parent } = at;
    if (testOf(parent) === at) return true;
    const isWithin =
      ts.isParenthesizedExpression(parent) ||
      ts.isPrefixUnaryExpression(parent) ||
      (ts.isBinaryExpression(parent) && isLogical(parent));
    if (!isWithin) return false;
  }
}

/** The name of a callback's error parameter that an expression is about. */
function errorNamedIn(test: ts.Expression): string | undefined {
  let found: string | undefined;
  const look = (node: ts.Node): void => {
    if (found !== undefined || ts.isFunctionLike(node)) return;
    if (ts.isIdentifier(node) && ERROR_NAME.test(node.text) && isErrorParameter(node)) found = node.text;
    else ts.forEachChild(node, look);
  };
  look(test);
  return found;
}

function isErrorParameter(name: ts.Identifier): boolean {
  if (ts.isPropertyAccessExpression(name.parent) && name.parent.name === name) return false;
  for (let node: ts.Node = name; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isCatchClause(node) && node.variableDeclaration?.name.getText() === name.text) return false;
    if (!ts.isFunctionLike(node)) continue;
    const at = node.parameters.findIndex((parameter) => parameter.name.getText() === name.text);
    if (at >= 0) return at === 0 && isCallback(node);
  }
  return false;
}

function isCallback(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  const { parent } = node;
  if (!(ts.isArrowFunction(node) || ts.isFunctionExpression(node))) return false;
  if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) return false;
  if (!parent.arguments?.some((argument) => argument === node)) return false;
  const callee = parent.expression;
  return !(ts.isPropertyAccessExpression(callee) && OTHER_KINDS.has(callee.name.text));
}

/**
 * Counted only where the error is there. Mutated, the branch goes as it would without one: past an `if (error)`, into an
 * `if (!error)`.
 */
function site(node: ts.Node, test: ts.Expression, error: string): Site {
  const switched = asksForNone(test) ? 'orWhen' : 'unless';
  return {
    kind: 'error-first',
    node,
    mutations: ['remove'],
    swallows: false,
    weave: (code, id) => {
      // In parentheses, as the test may have a comma in it.
      around(code, test, `${RUNTIME}.${switched}((`, `),()=>${error}&&${RUNTIME}.hit(${id}))`);
    },
  };
}

/** `!error`, `error == null`, `error === undefined`. */
function asksForNone(test: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(test)) return asksForNone(test.expression);
  if (ts.isPrefixUnaryExpression(test)) return test.operator === ts.SyntaxKind.ExclamationToken;
  if (!ts.isBinaryExpression(test)) return false;
  if (isLogical(test)) return asksForNone(test.left);
  const isEqual = [ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.EqualsEqualsEqualsToken].includes(
    test.operatorToken.kind,
  );
  return isEqual && /^(null|undefined|void 0)$/.test(test.right.getText());
}
