import ts from 'typescript';

/**
 * Whether a name is a promise's reject: the second parameter of a promise's executor, or taken from
 * `Promise.withResolvers()`, in the innermost scope that declares it.
 */
export function isReject(name: ts.Identifier): boolean {
  for (let node: ts.Node = name.parent; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isFunctionLike(node)) {
      const at = node.parameters.findIndex((parameter) => parameter.name.getText() === name.text);
      if (at >= 0) return at === 1 && isExecutor(node);
    }
    if (ts.isBlock(node)) {
      const declared = resolversDeclaredIn(node.statements, name.text);
      if (declared !== undefined) return declared;
    }
  }
  return resolversDeclaredIn(name.getSourceFile().statements, name.text) ?? false;
}

function isExecutor(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isNewExpression(parent) && parent.expression.getText() === 'Promise' && parent.arguments?.[0] === node;
}

/** Undefined where the statements do not declare the name. */
function resolversDeclaredIn(statements: ts.NodeArray<ts.Statement>, name: string): boolean | undefined {
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: declared, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(declared) && declared.text === name) return false;
      if (!ts.isObjectBindingPattern(declared)) continue;
      const element = declared.elements.find((one) => one.name.getText() === name);
      if (element === undefined) continue;
      const source = (element.propertyName ?? element.name).getText();
      return source === 'reject' && /^Promise\.withResolvers\b/.test(initializer?.getText() ?? '');
    }
  }
  return undefined;
}
