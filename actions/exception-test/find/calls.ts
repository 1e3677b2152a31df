import ts from 'typescript';
import { bare, callSite, handlerSite, RUNTIME, type Site } from './site.ts';

const LISTENING = new Set(['on', 'once', 'addListener', 'prependListener', 'prependOnceListener']);
const ERROR_EVENTS = new Set(['error', 'uncaughtException', 'unhandledRejection']);

/** The error paths that a call is, or has among its arguments; `rejects` are the names of reject functions in sight. */
export function callSites(node: ts.CallExpression, isReject: (name: ts.Identifier) => boolean): Site[] {
  const callee = bare(node.expression);
  const handed = rejectsHandedOn(node, isReject);
  if (ts.isIdentifier(callee)) {
    if (callee.text === 'setFailed') return [callSite('set-failed', node), ...handed];
    return isReject(callee) ? [callSite('reject', node), ...handed] : handed;
  }
  if (!ts.isPropertyAccessExpression(callee)) return handed;
  const [first, second] = node.arguments;
  const on = callee.expression.getText();
  switch (callee.name.text) {
    case 'catch':
      return first !== undefined && canBeFunction(first)
        ? [{ ...handlerSite('promise-catch', first, node), from: callee.name }]
        : [];
    case 'then':
      return second !== undefined && canBeFunction(second) ? [handlerSite('then-rejected', second, node)] : handed;
    case 'reject':
      return on === 'Promise' || on === 'globalThis.Promise'
        ? [callSite('promise-reject', node, 'Promise.resolve()'), ...handed]
        : [callSite('reject', node), ...handed];
    case 'setFailed':
      return [callSite('set-failed', node), ...handed];
    case 'exit':
      return on === 'process' && !isZero(first) ? [exitSite(node)] : handed;
    default:
      if (LISTENING.has(callee.name.text) && first !== undefined && second !== undefined && isErrorEvent(first)) {
        return canBeFunction(second) ? [handlerSite('error-event', second, node)] : [];
      }
      return handed;
  }
}

/** `process.exitCode = …` with anything but a literal 0 or undefined. */
export function exitCodeSite(node: ts.BinaryExpression): Site | undefined {
  if (node.operatorToken.kind !== ts.SyntaxKind.EqualsToken || node.left.getText() !== 'process.exitCode') return;
  if (isZero(node.right) || node.right.getText() === 'undefined') return;
  return {
    kind: 'process-exit',
    node,
    mutations: ['remove'],
    swallows: false,
    weave: (code, id) => {
      code.appendRight(node.right.getStart(), `${RUNTIME}.exitCode(${id},`);
      code.prependLeft(node.right.getEnd(), ')');
    },
  };
}

function exitSite(node: ts.CallExpression): Site {
  return {
    kind: 'process-exit',
    node,
    mutations: ['remove'],
    swallows: false,
    weave: (code, id) => {
      code.update(node.expression.getStart(), node.expression.getEnd(), `${RUNTIME}.exit`);
      const [first] = node.arguments;
      if (first === undefined) code.appendLeft(node.getEnd() - 1, id);
      else code.appendRight(first.getStart(), `${id},`);
    },
  };
}

/** A promise's reject as an argument, e.g. `setTimeout(reject, 5)`. */
function rejectsHandedOn(node: ts.CallExpression, isReject: (name: ts.Identifier) => boolean): Site[] {
  return node.arguments
    .filter((argument) => ts.isIdentifier(argument) && isReject(argument))
    .map((argument) => ({ ...handlerSite('reject', argument, node), mutations: ['remove'], swallows: false }));
}

function isZero(node: ts.Expression | undefined): boolean {
  return node !== undefined && ts.isNumericLiteral(node) && Number(node.text) === 0;
}

function canBeFunction(argument: ts.Expression): boolean {
  const node = bare(argument);
  return !(
    ts.isSpreadElement(argument) ||
    ts.isLiteralExpression(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isArrayLiteralExpression(node) ||
    ts.isTemplateExpression(node) ||
    ts.isPrefixUnaryExpression(node) ||
    [ts.SyntaxKind.NullKeyword, ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(node.kind) ||
    (ts.isIdentifier(node) && node.text === 'undefined')
  );
}

function isErrorEvent(argument: ts.Expression): boolean {
  const node = bare(argument);
  if (ts.isStringLiteralLike(node)) return ERROR_EVENTS.has(node.text);
  return ts.isIdentifier(node) && loopedOver(node).some((value) => ERROR_EVENTS.has(value));
}

/** The texts that a name takes in turn: `for (const name of ['a', 'b'])`. */
function loopedOver(name: ts.Identifier): string[] {
  for (let node: ts.Node = name; !ts.isSourceFile(node); node = node.parent) {
    if (!ts.isForOfStatement(node) || !ts.isVariableDeclarationList(node.initializer)) continue;
    if (node.initializer.declarations[0]?.name.getText() !== name.text) continue;
    const list = bare(node.expression);
    return ts.isArrayLiteralExpression(list)
      ? list.elements.filter(ts.isStringLiteralLike).map((element) => element.text)
      : [];
  }
  return [];
}
